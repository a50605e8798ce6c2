import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { parseUri, type SipUri } from '../../../src/sip';
import { peerPath } from '../../support/peers';
import { Child } from './child';
import { freePorts } from './ports';
import type { InteropRun } from './run';
import { isUdpOpen } from './udp';
import { poll } from './waiting';

export interface SippOptions {
  /** `uac` or `uas` for SIPp's own, else the name of a file in `scenarios/`. */
  readonly scenario: string;
  /** The phone of the lab that is called; without it and `target`, SIPp waits for calls. */
  readonly calls?: string;
  /** The URI that is called, where that is no phone of the run's lab. */
  readonly target?: string;
  /** How many calls it makes or takes before it ends; one unless given. */
  readonly count?: number;
  readonly transport?: 'udp' | 'tcp';
  /** Its own port for SIP; a free one unless given. */
  readonly port?: number;
  /** What `[name]` in the scenario stands for. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** The counters of SIPp's statistics file, cumulative. */
export interface SippStatistics {
  readonly successful: number;
  readonly failed: number;
  readonly outgoing: number;
  readonly incoming: number;
  readonly unexpected: number;
}

export interface SippResult {
  /** 0 only when every call went as its scenario says. */
  readonly code: number;
  readonly statistics: SippStatistics;
}

/** SIPp, which plays one scenario. It sends back all audio it gets, so that a phone that talks to it hears itself. */
export class Sipp {
  readonly port: number;
  readonly #child: Child;
  readonly #statisticsFile: string;
  readonly #errorFile: string;

  private constructor(run: InteropRun, options: SippOptions, port: number, mediaPort: number) {
    const { scenario, count = 1, transport = 'udp', keys = {}, args = [] } = options;
    const own = scenario === 'uac' || scenario === 'uas';
    const file = path.join(import.meta.dirname, '..', 'scenarios', `${scenario}.xml`);
    const log = (kind: string): string => path.join(run.folder, `sipp-${scenario}-${String(port)}.${kind}`);
    this.port = port;
    this.#statisticsFile = log('csv');
    this.#errorFile = log('errors');
    const called = targetOf(run, options);
    const target = called === undefined ? [] : [`${called.host}:${String(called.port ?? 5060)}`, '-s', called.user ?? ''];
    this.#child = new Child(
      `SIPp (${scenario})`,
      peerPath('sipp'),
      [
        ...target,
        ...(own ? ['-sn', scenario] : ['-sf', file]),
        ...['-i', '127.0.0.1', '-p', String(port), '-t', transport === 'tcp' ? 't1' : 'u1'],
        ...['-mi', '127.0.0.1', '-mp', String(mediaPort), '-rtp_echo'],
        // Its control port is chosen too: the one it takes by itself may be another SIPp's.
        ...['-cp', String(mediaPort + 4)],
        ...['-m', String(count), '-nostdin'],
        // Nothing of it must outlive the test, and a call that got stuck is a failure.
        ...['-timeout', '30s', '-timeout_error', '-recv_timeout', '8000'],
        ...['-trace_stat', '-stf', this.#statisticsFile, '-fd', '1'],
        ...['-trace_err', '-error_file', this.#errorFile],
        ...['-trace_msg', '-message_file', log('messages')],
        ...Object.entries(keys).flatMap(([key, value]) => ['-key', key, value]),
        ...args,
      ],
      { logFile: log('log'), cwd: run.folder },
    );
  }

  /** Starts SIPp; one that waits for calls is waited for. */
  static async start(run: InteropRun, options: SippOptions): Promise<Sipp> {
    const sipp = run.add(new Sipp(run, options, options.port ?? (await freePorts()), await freePorts(5)));
    if (targetOf(run, options) !== undefined) return sipp;
    const isListening = options.transport === 'tcp' ? isTcpListening : isUdpOpen;
    await poll(() => isListening(sipp.port), 5_000, () => `SIPp listens on port ${String(sipp.port)}\n${sipp.#child.lastWords}`);
    return sipp;
  }

  /** The URI to call it by. */
  get uri(): string {
    return `sip:sipp@127.0.0.1:${String(this.port)}`;
  }

  /** Waits until it has played all its calls. */
  async finished(limit = 9_000): Promise<SippResult> {
    const code = await this.#child.exited(limit);
    return { code, statistics: readStatistics(this.#statisticsFile) };
  }

  /** What SIPp itself complained about. */
  get errors(): string {
    return existsSync(this.#errorFile) ? readFileSync(this.#errorFile, 'utf8') : '';
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}

function targetOf(run: InteropRun, { calls, target }: SippOptions): SipUri | undefined {
  const text = calls === undefined ? target : run.lab.phone(calls).uri;
  return text === undefined ? undefined : parseUri(text);
}

function readStatistics(file: string): SippStatistics {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const names = lines[0]?.split(';') ?? [];
  const values = lines.at(-1)?.split(';') ?? [];
  const counter = (name: string): number => {
    const index = names.indexOf(`${name}(C)`);
    if (index === -1) throw new Error(`${file} has no column ${name}(C)`);
    return Number(values[index]);
  };
  return {
    successful: counter('SuccessfulCall'),
    failed: counter('FailedCall'),
    outgoing: counter('OutgoingCall'),
    incoming: counter('IncomingCall'),
    unexpected: counter('FailedUnexpectedMessage'),
  };
}

function isTcpListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
