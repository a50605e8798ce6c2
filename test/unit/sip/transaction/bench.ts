import { SeededRandom, VirtualClock } from '../../../../src/core';
import {
  buildRequest,
  type ClientTransaction,
  type ClientTransactionUser,
  defaultTimers,
  formatHop,
  type Hop,
  parseMessage,
  respond,
  type RequestDraft,
  type ServerTransaction,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  TransactionLayer,
} from '../../../../src/sip';

/** A message as the layer sent it. */
interface Sent {
  readonly at: number;
  readonly message: SipMessage;
  readonly hop: Hop;
  readonly onFailure: (error: Error) => void;
}

export const udpPeer: Hop = { transport: 'udp', host: '127.0.0.1', port: 5072 };
export const tcpPeer: Hop = { transport: 'tcp', host: '127.0.0.1', port: 5072 };

/** A transaction layer alone on a virtual clock: what it sends is only recorded, what it receives comes from the test. */
export class TransactionBench {
  readonly clock = new VirtualClock();
  readonly sent: Sent[] = [];
  /** State changes and reports, in order, with the time in seconds: `0.5 proceeding`, `32 timeout`. */
  readonly events: string[] = [];
  readonly arrived: { readonly request: SipRequest; readonly transaction: ServerTransaction }[] = [];
  readonly cancels: { readonly transaction: ServerTransaction; readonly invite: ServerTransaction | undefined }[] = [];
  readonly acks: SipRequest[] = [];
  readonly strays: SipResponse[] = [];
  readonly layer: TransactionLayer;

  constructor() {
    this.layer = new TransactionLayer({
      clock: this.clock,
      random: new SeededRandom(7),
      timers: defaultTimers,
      observer: {
        stateChanged: (_machine, _id, _from, to) => {
          this.note(to);
        },
        timer: () => undefined,
      },
      sentBy: () => '127.0.0.1:5071',
      transmit: (message, hop, onFailure) => {
        this.sent.push({ at: this.clock.now(), message, hop, onFailure });
      },
      onRequest: (request, transaction) => {
        this.arrived.push({ request, transaction });
      },
      onCancel: (_cancel, transaction, invite) => {
        this.cancels.push({ transaction, invite });
      },
      onAck: (ack) => {
        this.acks.push(ack);
      },
      onStrayResponse: (response) => {
        this.strays.push(response);
      },
    });
  }

  note(event: string): void {
    this.events.push(`${String(this.clock.now() / 1000)} ${event}`);
  }

  /** When messages left, in seconds, and what they were: `0.5 INVITE`. */
  get timetable(): string[] {
    return this.sent.map(({ at, message }) => `${String(at / 1000)} ${label(message)}`);
  }

  /** The seconds at which `what` was sent. */
  times(what: string): number[] {
    return this.sent.filter(({ message }) => label(message) === what).map(({ at }) => at / 1000);
  }

  get last(): Sent {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last;
  }

  /** Starts a client transaction whose user notes what it is told. */
  send(method: string, hop: Hop = udpPeer, user: Partial<ClientTransactionUser> = {}): ClientTransaction {
    return this.layer.request(draftOf(method), hop, {
      onResponse: (response) => {
        this.note(`told ${String(response.status)}`);
        user.onResponse?.(response);
      },
      onTimeout: () => {
        this.note('told timeout');
        user.onTimeout?.();
      },
      onTransportError: (error) => {
        this.note(`told transport error: ${error.message}`);
        user.onTransportError?.(error);
      },
    });
  }

  /** A response of the peer to `transaction` arrives. */
  answer(transaction: ClientTransaction, status: number, toTag = 'peer'): SipResponse {
    const response = respond(transaction.request, status, { toTag, source: transaction.hop });
    this.receive(response, transaction.hop);
    return response;
  }

  /** A message arrives as octets, as from a socket. */
  receive(message: SipMessage, source: Hop = udpPeer): void {
    this.layer.receive(parseMessage(message.bytes), source);
  }

  /** A request arrives; returns its transaction, when it made one. */
  request(request: SipRequest, source: Hop = udpPeer): ServerTransaction {
    this.receive(request, source);
    const { transaction } = this.arrived.at(-1) ?? {};
    if (transaction === undefined) throw new Error('the request made no transaction');
    return transaction;
  }

  /** The user of a server transaction answers. */
  reply(transaction: ServerTransaction, status: number): SipResponse {
    const response = respond(transaction.request, status, { toTag: 'ours', source: transaction.source });
    transaction.respond(response);
    return response;
  }
}

export function label(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${String(message.status)} ${message.cseq.method}`;
}

export function where(hop: Hop): string {
  return formatHop(hop);
}

function draftOf(method: string): RequestDraft {
  return {
    method,
    uri: 'sip:bob@127.0.0.1:5072',
    headers: [
      ['Max-Forwards', '70'],
      ['Route', '<sip:127.0.0.1:5072;lr>'],
      ['From', '<sip:alice@127.0.0.1:5071>;tag=alice'],
      ['To', '<sip:bob@127.0.0.1:5072>'],
      ['Call-ID', 'one@127.0.0.1'],
      ['CSeq', `7 ${method}`],
    ],
  };
}

/** A request of the peer. */
export function incoming(
  method: string,
  fields: {
    readonly branch?: string;
    readonly sentBy?: string;
    readonly via?: string;
    readonly uri?: string;
    readonly fromTag?: string;
    readonly toTag?: string;
    readonly callId?: string;
    readonly sequence?: number;
  } = {},
): SipRequest {
  const { branch = 'z9hG4bKpeer', sentBy = '127.0.0.1:5072', uri = 'sip:alice@127.0.0.1:5071', sequence = 1 } = fields;
  return buildRequest({
    method,
    uri,
    headers: [
      ['Via', fields.via ?? `SIP/2.0/UDP ${sentBy};rport;branch=${branch}`],
      ['Max-Forwards', '70'],
      ['From', `<sip:bob@127.0.0.1:5072>;tag=${fields.fromTag ?? 'bob'}`],
      ['To', `<sip:alice@127.0.0.1:5071>${fields.toTag === undefined ? '' : `;tag=${fields.toTag}`}`],
      ['Call-ID', fields.callId ?? 'two@127.0.0.1'],
      ['CSeq', `${String(sequence)} ${method}`],
    ],
  });
}
