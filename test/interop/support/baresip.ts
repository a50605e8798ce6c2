import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { generate } from 'selfsigned';
import { peerPath } from '../../support/peers';
import { Child } from './child';
import { freePorts } from './ports';
import type { InteropRun } from './run';
import { poll, within } from './waiting';

/** What baresip tells of a call: `CALL_INCOMING`, `CALL_RINGING`, `CALL_ESTABLISHED`, `CALL_TRANSFER`, `CALL_CLOSED` ... */
export interface BaresipEvent {
  readonly type: string;
  readonly peeruri?: string;
  readonly direction?: string;
  readonly param?: string;
}

interface Reply {
  readonly ok: boolean;
  readonly data: string;
}

/** The tone that baresip speaks with, in Hz; no phone of a lab has it. */
export const baresipTone = 400;

/** baresip without a screen or a sound card, driven by its ctrl_tcp module. */
export class Baresip {
  readonly port: number;
  readonly events: BaresipEvent[] = [];
  readonly #child: Child;
  readonly #replies = new Map<string, (reply: Reply) => void>();
  #socket: Socket | undefined;
  #unread = Buffer.alloc(0);
  #commands = 0;
  #checks = new Set<() => void>();

  private constructor(run: InteropRun, port: number, folder: string) {
    this.port = port;
    this.#child = new Child('baresip', peerPath('baresip'), ['-f', folder, '-v'], {
      logFile: path.join(run.folder, 'baresip.log'),
      cwd: folder,
    });
  }

  /** Starts it with one account, whose calls are answered by `accept`, or by themselves when `answers`. */
  static async start(run: InteropRun, options: { readonly answers?: boolean; readonly tls?: boolean } = {}): Promise<Baresip> {
    // It takes the next port for TLS, too.
    const port = await freePorts(2);
    const control = await freePorts();
    const folder = path.join(run.folder, 'baresip');
    mkdirSync(folder);
    const certificate = path.join(folder, 'certificate.pem');
    if (options.tls === true) writeFileSync(certificate, await makeCertificate());
    writeFileSync(
      path.join(folder, 'config'),
      `${config(port, control, await freePorts(20))}${options.tls === true ? `sip_certificate ${certificate}\n` : ''}`,
    );
    const mode = options.answers === true ? 'auto' : 'manual';
    writeFileSync(path.join(folder, 'accounts'), `<sip:baresip@127.0.0.1:${String(port)}>;regint=0;answermode=${mode}\n`);
    writeFileSync(path.join(folder, 'contacts'), '');
    const baresip = run.add(new Baresip(run, port, folder));
    await baresip.#connect(control);
    return baresip;
  }

  get uri(): string {
    return `sip:baresip@127.0.0.1:${String(this.port)}`;
  }

  /** The same, over TLS, where it was started with a certificate. */
  get tlsUri(): string {
    return `sip:baresip@127.0.0.1:${String(this.port + 1)};transport=tls`;
  }

  /** Carries out one of its commands, such as `dial sip:bob@127.0.0.1:5060`, and returns what it answers. */
  async command(command: string, params = ''): Promise<string> {
    this.#commands += 1;
    const token = String(this.#commands);
    const reply = new Promise<Reply>((resolve) => {
      this.#replies.set(token, resolve);
    });
    const text = JSON.stringify({ command, params, token });
    this.#socket?.write(`${String(Buffer.byteLength(text))}:${text},`);
    const { ok, data } = await within(reply, 3_000, () => `baresip answers to ${command}\n${this.#child.lastWords}`);
    if (!ok) throw new Error(`baresip: ${command} ${params}: ${data}`);
    return data;
  }

  /** Resolves when it has told of an event like this. */
  async until(type: string, limit = 6_000): Promise<void> {
    let check = (): void => undefined;
    const met = new Promise<void>((resolve) => {
      check = () => {
        if (this.events.some((event) => event.type === type)) resolve();
      };
      this.#checks.add(check);
      check();
    });
    try {
      await within(met, limit, () => `baresip tells ${type}; it told ${this.eventTypes.join(', ')}\n${this.#child.lastWords}`);
    } finally {
      this.#checks.delete(check);
    }
  }

  get eventTypes(): readonly string[] {
    return this.events.map((event) => event.type);
  }

  /** Its log. */
  get log(): string {
    return this.#child.output;
  }

  async stop(): Promise<void> {
    this.#socket?.destroy();
    await this.#child.stop();
  }

  async #connect(control: number): Promise<void> {
    await poll(
      () => this.#tryToConnect(control),
      5_000,
      () => `baresip listens for commands\n${this.#child.lastWords}`,
    );
    this.#socket?.on('error', () => undefined);
    this.#socket?.on('data', (piece: Buffer) => {
      this.#read(piece);
    });
    await this.command('listcalls');
  }

  #tryToConnect(control: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(control, '127.0.0.1');
      socket.once('error', () => resolve(false));
      socket.once('connect', () => {
        this.#socket = socket;
        resolve(true);
      });
    });
  }

  /** Netstrings: a length, a colon, that many octets of JSON, a comma. */
  #read(piece: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, piece]);
    for (;;) {
      const colon = this.#unread.indexOf(':');
      if (colon === -1) return;
      const end = colon + 1 + Number(this.#unread.toString('latin1', 0, colon));
      if (this.#unread.length <= end) return;
      this.#receive(JSON.parse(this.#unread.toString('utf8', colon + 1, end)) as BaresipEvent & Reply & { readonly token?: string });
      this.#unread = this.#unread.subarray(end + 1);
    }
  }

  #receive(message: BaresipEvent & Reply & { readonly token?: string }): void {
    const { token } = message;
    if (token !== undefined) {
      this.#replies.get(token)?.(message);
      this.#replies.delete(token);
      return;
    }
    this.events.push(message);
    for (const check of this.#checks) check();
  }
}

/** A key and the certificate that it signed itself, as one PEM file. */
async function makeCertificate(): Promise<string> {
  const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], { keySize: 2048, algorithm: 'sha256' });
  return `${made.private}\n${made.cert}\n`;
}

function config(port: number, control: number, mediaPort: number): string {
  return [
    `sip_listen 127.0.0.1:${String(port)}`,
    // Else it puts the address of another interface into its SDP, which a lab that keeps to loopback refuses.
    'net_interface 127.0.0.1',
    `rtp_ports ${String(mediaPort)}-${String(mediaPort + 19)}`,
    'call_local_timeout 60',
    'call_max_calls 4',
    `audio_source ausine,${String(baresipTone)}`,
    // All that its tone generator can do.
    'ausrc_srate 48000',
    'ausrc_channels 2',
    // A player that plays to nobody: without one, it does not read what it receives.
    'audio_player aubridge,nobody',
    'audio_alert aubridge,nobody',
    `module_path ${modulePath()}`,
    ...['g711', 'ausine', 'aubridge'].map((name) => `module ${name}.so`),
    ...['account', 'contact', 'menu', 'ctrl_tcp'].map((name) => `module_app ${name}.so`),
    `ctrl_tcp_listen 127.0.0.1:${String(control)}`,
    '',
  ].join('\n');
}

/** Where its modules are: beside its program. */
function modulePath(): string {
  const prefix = path.join(path.dirname(peerPath('baresip')), '..');
  const candidates = [path.join(prefix, 'lib', 'baresip', 'modules'), path.join(prefix, 'lib64', 'baresip', 'modules')];
  return candidates.find((candidate) => existsSync(candidate)) ?? candidates[0]!;
}
