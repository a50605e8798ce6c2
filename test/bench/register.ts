import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SeededRandom } from '../../src/core';
import { answerChallenge, buildRequest, parseChallenges, parseMessage } from '../../src/sip';
import type { BenchOptions, BenchResult } from '../support/measure';
import { peerPath } from '../support/peers';

/*
 * Registrations with a digest, each REGISTER, 401, REGISTER, 200 over UDP: our registrar as `call-lab serve` runs it, journal
 * and all, beside Kamailio, in turns. What counts is registrations per second of processor time of the server's processes.
 */

const users = 100;
const rounds = 5;
const inFlight = 32;
const ticksPerSecond = 100;

interface Contestant {
  readonly port: number;
  readonly domain: string;
  readonly process: ChildProcess;
}

export async function bench({ calls = 2_000 }: BenchOptions): Promise<BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'call-lab-register-'));
  const contestants = { ours: startOurs(folder, 15_160), Kamailio: startKamailio(folder, 15_170) };
  try {
    const rates: Record<string, number[]> = { ours: [], Kamailio: [] };
    for (const contestant of Object.values(contestants)) await warmUp(contestant);
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, contestant] of Object.entries(contestants)) {
        const before = processorSeconds(contestant.process.pid!);
        await register(contestant, calls, round + 1);
        rates[name]!.push(calls / (processorSeconds(contestant.process.pid!) - before));
      }
    }
    const [ours, kamailio] = [median(rates['ours']!), median(rates['Kamailio']!)];
    return [{ bench: 'register, with digest', unit: 'registrations/s', ours, peers: { Kamailio: kamailio }, ratio: Number((ours / kamailio).toFixed(2)) }];
  } finally {
    for (const { process: child } of Object.values(contestants)) child.kill('SIGTERM');
    await pause(500);
    rmSync(folder, { recursive: true, force: true });
  }
}

function startOurs(folder: string, port: number): Contestant {
  const file = path.join(folder, 'register.calllab.yaml');
  const passwords = Array.from({ length: users }, (_, index) => `u${String(index)}: p${String(index)}`).join(', ');
  writeFileSync(
    file,
    `servers:\n  proxy:\n    port: ${String(port)}\n    registrar: { algorithm: MD5, users: { ${passwords} } }\nphones:\n  alice:\n`,
  );
  const main = path.join(process.cwd(), 'dist/cli.js');
  return { port, domain: 'lab.test', process: spawn(process.execPath, [main, 'serve', file], { stdio: ['pipe', 'ignore', 'inherit'] }) };
}

function startKamailio(folder: string, port: number): Contestant {
  const file = path.join(folder, 'kamailio.cfg');
  const passwords = Array.from({ length: users }, (_, index) => `  $sht(passwords=>u${String(index)}) = "p${String(index)}";`).join('\n');
  writeFileSync(
    file,
    `#!KAMAILIO
debug=-1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:127.0.0.1:${String(port)}
${['sl', 'pv', 'usrloc', 'registrar', 'htable', 'auth'].map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("usrloc", "db_mode", 0)
modparam("htable", "htable", "passwords=>size=8;")
event_route[htable:mod-init] {
${passwords}
  return;
}
request_route {
  if (!pv_www_authenticate("$td", "$sht(passwords=>$au)", "0")) {
    www_challenge("$td", "1");
    exit;
  }
  save("location");
}
`,
  );
  const args = ['-DD', '-E', '-f', file, '-Y', folder, '-P', path.join(folder, 'pid'), '-m', '64', '-M', '8'];
  return { port, domain: `127.0.0.1:${String(port)}`, process: spawn(peerPath('kamailio'), args, { stdio: 'ignore' }) };
}

/** The first registration succeeds as soon as the server listens. */
async function warmUp(contestant: Contestant): Promise<void> {
  await register(contestant, 500, 0);
}

/** Registers `count` times, some at the same time; what gets no answer is sent again. */
function register({ port, domain }: Contestant, count: number, round: number): Promise<void> {
  const random = new SeededRandom(round * 7_919 + port);
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const open = new Map<string, { readonly user: number; bytes: Uint8Array; sequence: number }>();
    let [begun, done] = [0, 0];
    const send = (callId: string): void => socket.send(open.get(callId)!.bytes, port, '127.0.0.1');
    const ask = (callId: string, credentials: readonly (readonly [string, string])[]): void => {
      const call = open.get(callId)!;
      const own = socket.address().port;
      call.sequence += 1;
      const record = `sip:u${String(call.user)}@${domain}`;
      call.bytes = buildRequest({
        method: 'REGISTER',
        uri: `sip:${domain}`,
        headers: [
          ['Via', `SIP/2.0/UDP 127.0.0.1:${String(own)};rport;branch=z9hG4bK${callId}-${String(call.sequence)}`],
          ['Max-Forwards', '70'],
          ['From', `<${record}>;tag=${callId}`],
          ['To', `<${record}>`],
          ['Call-ID', callId],
          ['CSeq', `${String(call.sequence)} REGISTER`],
          ['Contact', `<sip:u${String(call.user)}@127.0.0.1:${String(own)}>;expires=600`],
          ...credentials,
        ],
      }).bytes;
      send(callId);
    };
    const next = (): void => {
      const callId = `${String(round)}-${String(port)}-${String(begun)}`;
      open.set(callId, { user: begun % users, bytes: new Uint8Array(), sequence: 0 });
      begun += 1;
      ask(callId, []);
    };
    const repeat = setInterval(() => {
      for (const callId of open.keys()) send(callId);
    }, 500);
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      const response = parseMessage(bytes);
      const call = open.get(response.callId);
      if (response.kind !== 'response' || call?.sequence !== response.cseq.sequence) return;
      const [challenge] = response.status === 401 ? parseChallenges(response) : [];
      if (challenge !== undefined && call.sequence < 20) {
        const [username, password] = [`u${String(call.user)}`, `p${String(call.user)}`];
        const value = answerChallenge({ challenge, method: 'REGISTER', uri: `sip:${domain}`, username, password, body: undefined, random, nonceCount: 1 });
        ask(response.callId, [['Authorization', value]]);
        return;
      }
      if (response.status !== 200) reject(new Error(`a REGISTER got ${String(response.status)}`));
      open.delete(response.callId);
      done += 1;
      if (begun < count) next();
      if (done < count) return;
      clearInterval(repeat);
      socket.close(() => resolve());
    });
    socket.bind(0, '127.0.0.1', () => {
      while (begun < Math.min(inFlight, count)) next();
    });
  });
}

/** Processor time that a process and its children have used. */
function processorSeconds(pid: number): number {
  const all = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  let ticks = 0;
  for (const name of all) {
    const fields = statOf(name);
    if (fields !== undefined && (Number(name) === pid || Number(fields[1]) === pid)) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / ticksPerSecond;
}

/** The fields of a process behind its name: state, parent, ... */
function statOf(pid: string): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /u, '').split(' ');
  } catch {
    return undefined; // it has ended meanwhile
  }
}

function median(values: readonly number[]): number {
  return Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!);
}
