import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type * as SipJsLibrary from 'sip.js';
import type { Inviter, Session, SessionDescriptionHandler, UserAgent } from 'sip.js';
import { WebSocket } from 'ws';
import { poll } from './waiting';

type Library = typeof SipJsLibrary;

/** SIP.js for Node: its transport wants the browser's WebSocket, and its calls a session description that needs no WebRTC. */
export class SipJs {
  readonly log: string[] = [];
  /** Calls that came in and were accepted, in order. */
  readonly incoming: Session[] = [];
  /** The direction each offer or answer of the peer asked for. */
  readonly directions: string[] = [];
  readonly #library: Library;
  readonly #media: Socket;
  #agent: UserAgent | undefined;

  private constructor(library: Library, media: Socket) {
    this.#library = library;
    this.#media = media;
  }

  /** Connects to a WebSocket server of ours. */
  static async start(server: string): Promise<SipJs> {
    Object.assign(globalThis, { WebSocket });
    const library = (await import(createRequire(__filename).resolve('sip.js'))) as Library;
    const media = createSocket('udp4');
    media.bind(0, '127.0.0.1');
    await once(media, 'listening');
    const made = new SipJs(library, media);
    await made.#start(server);
    return made;
  }

  /** Where it says that it is reached: a name that leads nowhere. */
  get contact(): string {
    return String(this.#agent?.contact.uri);
  }

  async call(target: string): Promise<Inviter> {
    const uri = this.#library.UserAgent.makeURI(target);
    if (this.#agent === undefined || uri === undefined) throw new Error(`${target} cannot be called`);
    const inviter = new this.#library.Inviter(this.#agent, uri);
    await inviter.invite();
    return inviter;
  }

  async is(session: Session, state: 'Established' | 'Terminated'): Promise<void> {
    await poll(() => session.state === this.#library.SessionState[state], 5_000, () => `SIP.js is ${state}, not ${session.state}\n${this.log.slice(-20).join('\n')}`);
  }

  async stop(): Promise<void> {
    await this.#agent?.stop();
    this.#media.close();
  }

  async #start(server: string): Promise<void> {
    const { UserAgent } = this.#library;
    this.#agent = new UserAgent({
      uri: UserAgent.makeURI('sip:webby@example.invalid')!,
      transportOptions: { server, keepAliveInterval: 1 },
      sessionDescriptionHandlerFactory: () => this.#describe(),
      logConnector: (_level, category, _label, content) => this.log.push(`${category}: ${content}`),
      logBuiltinEnabled: false,
      delegate: {
        onInvite: (invitation) => {
          this.incoming.push(invitation);
          void invitation.accept();
        },
      },
    });
    await this.#agent.start();
  }

  /** Offers and answers one stream of G.711, in the direction that the other side leaves open. */
  #describe(): SessionDescriptionHandler {
    let theirs = 'sendrecv';
    const mirrored: Readonly<Record<string, string>> = { sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' };
    const { port } = this.#media.address();
    return {
      close: () => undefined,
      hasDescription: (type) => type === 'application/sdp',
      sendDtmf: () => false,
      setDescription: (sdp) => {
        theirs = /^a=(?<direction>sendrecv|sendonly|recvonly|inactive)\r?$/mu.exec(sdp)?.groups?.['direction'] ?? 'sendrecv';
        this.directions.push(theirs);
        return Promise.resolve();
      },
      getDescription: () => {
        const lines = ['v=0', 'o=webby 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${String(port)} RTP/AVP 0`, `a=${mirrored[theirs] ?? 'sendrecv'}`];
        return Promise.resolve({ body: `${lines.join('\r\n')}\r\n`, contentType: 'application/sdp' });
      },
    };
  }
}
