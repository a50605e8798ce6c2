import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { peerPath } from '../../support/peers';
import { Child } from './child';
import { freePorts } from './ports';
import type { InteropRun } from './run';
import { writeToneFile } from './tone-file';
import { poll } from './waiting';

/** How a call of linphone stands: `IncomingReceived`, `OutgoingRinging`, `StreamsRunning`, `Paused`, `Released` ... */
export interface LinphoneEvent {
  readonly call: string;
  readonly state: string;
}

/** The tone that linphone plays into its calls, in Hz; no phone of a lab has it. */
export const linphoneTone = 400;

const prompt = 'daemon-linphone>';

/**
 * linphone without a screen or a sound card: its daemon, driven by lines on its standard input. It can be each party of a
 * blind and of an attended transfer. What it cannot do:
 *
 * - Answer a call with a redirection, transfer while its second call rings, subscribe to the calls of others, pick one up.
 * - Say at which port the target of its attended transfer is: its Refer-To is the To of the consultation call, and from a To
 *   it drops the port. So that target must be at port 5060, of an address of its own, or be found by a proxy.
 */
export class Linphone {
  readonly port: number;
  readonly #events: LinphoneEvent[] = [];
  readonly #child: Child;
  readonly #toneFile: string;
  #readUpTo = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(run: InteropRun, port: number, folder: string, answers: boolean) {
    this.port = port;
    this.#toneFile = path.join(folder, 'tone.wav');
    this.#child = new Child(
      'linphone',
      peerPath('linphone-daemon'),
      ['--config', path.join(folder, 'linphonerc'), '--log', path.join(run.folder, 'linphone.trace'), ...(answers ? ['--auto-answer'] : [])],
      {
        logFile: path.join(run.folder, 'linphone.log'),
        cwd: folder,
        env: { HOME: folder, XDG_CONFIG_HOME: path.join(folder, '.config') },
      },
    );
  }

  /** Starts it with one identity, whose calls are answered by `answer`, or by themselves when `answers`. */
  static async start(run: InteropRun, options: { readonly answers?: boolean } = {}): Promise<Linphone> {
    const port = await freePorts();
    const folder = path.join(run.folder, 'linphone');
    // It opens no socket where it cannot make its database, and does not make the folder of that.
    for (const part of [['.local', 'share'], ['.config']]) mkdirSync(path.join(folder, ...part, 'linphone'), { recursive: true });
    writeFileSync(path.join(folder, 'linphonerc'), config(port, await freePorts(20)));
    writeToneFile(path.join(folder, 'tone.wav'), linphoneTone);
    const linphone = run.add(new Linphone(run, port, folder, options.answers ?? false));
    await linphone.#child.until('its prompt', (output) => output.includes(prompt), 10_000);
    // Its socket opens some turns of its loop after its prompt, and until then each call fails.
    const trace = path.join(run.folder, 'linphone.trace');
    const isOpen = (): boolean => readFileSync(trace, 'utf8').includes('Creating listening point');
    await poll(isOpen, 10_000, () => `linphone opens its socket\n${linphone.#child.lastWords}`);
    return linphone;
  }

  get uri(): string {
    return `sip:linphone@127.0.0.1:${String(this.port)}`;
  }

  /** Calls somebody, and returns the number by which the call goes. */
  async call(uri: string): Promise<string> {
    const id = /^Id: (\d+)$/mu.exec(await this.command(`call ${uri}`))?.[1];
    if (id === undefined) throw new Error(`linphone gives no number to the call of ${uri}`);
    return id;
  }

  /** Lets a call of it speak: {@link linphoneTone}, for a minute. */
  async speak(call: string): Promise<void> {
    await this.command(`incall-player-start ${this.#toneFile} ${call}`);
  }

  /** Carries out one of its commands, such as `call-pause 1`, and returns what it answers. */
  command(line: string): Promise<string> {
    // One at a time: answers do not say to which command they belong.
    const reply = this.#last.then(() => this.#carryOut(line));
    this.#last = reply.catch(() => undefined);
    return reply;
  }

  /** Resolves when a call of it, or any, has been in this state. */
  async until(state: string, call?: string, limit = 10_000): Promise<LinphoneEvent> {
    const find = (): LinphoneEvent | undefined =>
      this.#read().find((event) => event.state === state && (call === undefined || event.call === call));
    await this.#child.until(`${call === undefined ? 'a call' : `call ${call}`} gets to ${state}`, () => find() !== undefined, limit);
    return find()!;
  }

  /** The states that a call of it went through, in order. */
  statesOf(call: string): readonly string[] {
    return this.#read().flatMap((event) => (event.call === call ? [event.state] : []));
  }

  async stop(): Promise<void> {
    this.#child.write('quit');
    await this.#child.stop();
  }

  async #carryOut(line: string): Promise<string> {
    const from = this.#child.output.length;
    this.#child.write(line);
    const find = (): RegExpExecArray | null => /^Status: (Ok|Error)\n([^]*?)^daemon-linphone>/mu.exec(this.#child.output.slice(from));
    await this.#child.until(`an answer to ${line}`, () => find() !== null, 10_000);
    const [, status, data = ''] = find()!;
    if (status !== 'Ok') throw new Error(`linphone: ${line}: ${data}`);
    return data;
  }

  /** Takes in what it has told since the last time. */
  #read(): readonly LinphoneEvent[] {
    const pattern = /^Event-type: call-state-changed\n+Event: LinphoneCall(\w+)\nFrom: .*\nId: (\d+)\n/gmu;
    pattern.lastIndex = this.#readUpTo;
    for (let match = pattern.exec(this.#child.output); match !== null; match = pattern.exec(this.#child.output)) {
      this.#events.push({ state: match[1]!, call: match[2]! });
      this.#readUpTo = pattern.lastIndex;
    }
    return this.#events;
  }
}

function config(port: number, mediaPort: number): string {
  return [
    '[sip]',
    `sip_port=${String(port)}`,
    'sip_tcp_port=0',
    'sip_tls_port=0',
    'bind_address=127.0.0.1',
    'guess_hostname=0',
    `contact="Linphone" <sip:linphone@127.0.0.1:${String(port)}>`,
    // Without the second of these it goes back to IPv6, and puts the address of another interface into its SDP.
    'use_ipv6=0',
    'ipv6_migration_done=1',
    '[net]',
    'bind_address=127.0.0.1',
    '[rtp]',
    'bind_address=127.0.0.1',
    // A range, for it may have two calls.
    `audio_rtp_port=${String(mediaPort)}-${String(mediaPort + 19)}`,
    '[video]',
    'enabled=0',
    'capture=0',
    'display=0',
    '',
  ].join('\n');
}
