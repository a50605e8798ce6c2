/**
 * A lab with an IAX2 server, two of our phones, and iaxmodem, whose IAX2 is libiax2: what most clients are made of. It binds
 * all addresses, so this program is run in a network namespace with nothing but a loopback, and its settings are mounted
 * where it looks for them: see `iaxmodem.ts`. Prints one line of JSON, the {@link StageReport}.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { packetsOfJournal, writePcap } from '../../../src/capture';
import { CryptoRandom, RealClock } from '../../../src/core';
import { decodeFrame } from '../../../src/iax';
import { type CallInfo, Lab, parseVerb } from '../../../src/lab';
import { RealNetwork } from '../../../src/net';
import { Child } from './child';
import { poll } from './waiting';

/** What happened in one story. */
export interface StageReport {
  readonly story: string;
  /** Facts that the test holds to what they should be. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly leaks: { readonly sockets: number; readonly timers: number; readonly calls: number };
}

const [, , story = '', folder = ''] = process.argv;
const patience = 15_000;

/** The modem's side of its terminal, as a fax program would use it. */
class Terminal {
  readonly #file: number;
  #text = '';

  constructor(device: string) {
    execFileSync('stty', ['-F', device, 'raw', '-echo']);
    this.#file = openSync(device, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  }

  write(line: string): void {
    writeSync(this.#file, `${line}\r`);
  }

  /** What the modem has said since. */
  async says(word: string): Promise<void> {
    await poll(
      () => {
        this.#read();
        return this.#text.includes(word);
      },
      patience,
      () => `the modem to say ${word}; it said ${JSON.stringify(this.#text.slice(-200))}`,
    );
    this.#text = '';
  }

  close(): void {
    closeSync(this.#file);
  }

  #read(): void {
    const buffer = Buffer.alloc(4_096);
    try {
      this.#text += buffer.subarray(0, readSync(this.#file, buffer)).toString('latin1');
    } catch {
      // Nothing there yet.
    }
  }
}

const users = [
  { username: 'alice', password: 'sesame' },
  { username: 'modem', password: 'password', token: 'optional' as const },
];

const lab = new Lab({
  network: new RealNetwork(),
  clock: new RealClock(),
  random: new CryptoRandom(),
  startedAt: new Date(),
  phones: [
    { name: 'alice', protocol: 'iax2', host: '127.0.0.5', port: 4569, register: { registrar: 'pbx', password: 'sesame' } },
    { name: 'bob', protocol: 'iax2', host: '127.0.0.6', port: 4569 },
  ],
  servers: [
    {
      name: 'pbx',
      kind: 'iax2',
      port: 4569,
      registrar: { users, challengeCalls: true },
      extensions: new Map([['101', 'alice']]),
      transfer: story === 'native' ? 'native' : 'off',
    },
  ],
});

async function perform(line: string): Promise<string> {
  const { ok, text } = await lab.perform(parseVerb(line));
  if (!ok) throw new Error(`${line}: ${text}`);
  return text;
}

function call(phone: string): CallInfo | undefined {
  return lab.phone(phone).calls.at(-1);
}

function until(isMet: () => boolean, what: string): Promise<void> {
  return poll(isMet, patience, () => what);
}

/** Voice frames that `owner` received from the modem from now on, in a second. */
async function voiceAt(owner: string): Promise<number> {
  const count = (): number => lab.journal.media.filter((entry) => entry.owner === owner && entry.direction === 'received' && entry.source.port === 4570).length;
  const before = count();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return count() - before;
}

/** The titles of full frames that passed between the modem and us, in their order, without what keeps a call alive. */
function withModem(): readonly string[] {
  return lab.journal.entries.flatMap((entry) => {
    if (entry.kind !== 'packet' || entry.protocol !== 'iax2' || (entry.source.port !== 4570 && entry.destination.port !== 4570)) return [];
    const frame = decodeFrame(entry.bytes);
    if (frame.kind !== 'full' || frame.isRetransmission || /^(?:ACK|PING|PONG|LAGR.)$/u.test(frame.title)) return [];
    return [`${entry.direction === 'sent' ? '>' : '<'} ${frame.title}`];
  });
}

const stories: Readonly<Record<string, (modem: Terminal) => Promise<Record<string, unknown>>>> = {
  /** The modem has registered; it is called through the server, answers, and hears that we hang up. */
  called: async (modem) => {
    await perform('alice place modem');
    await modem.says('RING');
    modem.write('ATA');
    await until(() => call('alice')?.state === 'connected', 'the modem answers');
    const voice = await voiceAt('pbx');
    await perform('alice hangup');
    await modem.says('NO CARRIER');
    return { voice: voice > 20, end: call('alice')?.end?.status };
  },
  /** The modem dials a number at the server, with its secret, and is answered. */
  calls: async (modem) => {
    modem.write('ATDT101');
    await until(() => call('alice')?.state === 'incoming', 'alice rings');
    const { peer } = call('alice')!;
    await perform('alice answer');
    const voice = await voiceAt('pbx');
    modem.write('ATH');
    await perform('alice hangup').catch(() => undefined);
    await until(() => call('alice')?.state === 'ended', 'the call is over');
    return { peer, voice: voice > 20 };
  },
  /** The server connects the modem natively with our phone, and leaves. */
  native: async (modem) => {
    await perform('alice place modem');
    await modem.says('RING');
    modem.write('ATA');
    await until(() => call('alice')?.peerUri.includes(':4570') === true, 'alice talks to the modem directly');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [atServer, atPhone] = [await voiceAt('pbx'), await voiceAt('alice')];
    await perform('alice hangup');
    await modem.says('NO CARRIER');
    return { atServer, atPhone: atPhone > 20, transfers: lab.trace.transfers.map(({ kind, verdict }) => [kind, verdict]) };
  },
  /** Our phone is in the middle: it calls the modem and alice, and connects the two. */
  supervised: async (modem) => {
    await perform('bob place iax2:127.0.0.1:4570/modem');
    await modem.says('RING');
    modem.write('ATA');
    await until(() => call('bob')?.state === 'connected', 'the modem answers');
    await perform('bob consult iax2:127.0.0.5:4569/alice');
    await perform('alice answer');
    await perform('bob attended-transfer modem to alice');
    await until(() => call('alice')?.peerUri.includes(':4570') === true, 'alice talks to the modem');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [atMiddle, atPhone] = [await voiceAt('bob'), await voiceAt('alice')];
    await perform('alice hangup');
    await modem.says('NO CARRIER');
    return { atMiddle, atPhone: atPhone > 20, transfers: lab.trace.transfers.map(({ kind, verdict }) => [kind, verdict]) };
  },
};

async function play(): Promise<StageReport> {
  await lab.start();
  const child = new Child('iaxmodem', 'iaxmodem', ['call-lab'], { logFile: path.join(folder, `${story}.log`) });
  await until(() => lab.servers[0]?.bindings.length === 2, 'the modem and alice register');
  const modem = new Terminal(path.join(folder, 'tty'));
  modem.write('ATE0');
  await modem.says('OK');
  modem.write('AT+FCLASS=1');
  await modem.says('OK');
  const facts = await stories[story]!(modem);
  const frames = withModem();
  modem.close();
  await child.stop();
  const leaks = await lab.stop();
  writeFileSync(path.join(folder, `${story}.pcap`), writePcap(packetsOfJournal(lab.journal)));
  return { story, facts: { ...facts, frames }, leaks };
}

play().then(
  (report) => {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    process.exit(0);
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
