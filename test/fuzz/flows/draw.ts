import { type RandomSource, randomInteger } from '../../../src/core';
import { oneOf } from '../../support/chance';
import { type ForgedRequest, type ForgedResponse, MessageText, type Mutation } from './mutation';
import type { MutatingWire, SentMessage } from './wire';

type Draw = (random: RandomSource, message: SentMessage, wire: MutatingWire) => Mutation | undefined;

function milliseconds(random: RandomSource): number {
  const most = oneOf(random, [3, 60, 700, 5_000, 40_000]);
  return randomInteger(random, most);
}

const statuses = [
  100, 180, 181, 183, 199, 200, 202, 204, 299, 300, 301, 302, 305, 380, 400, 401, 403, 404, 405, 407, 408, 410, 412, 413, 414, 415, 416, 420, 421, 422, 423,
  429, 436, 437, 469, 478, 480, 481, 482, 483, 484, 485, 486, 487, 488, 489, 491, 493, 494, 500, 501, 502, 503, 504, 505, 513, 580, 600, 603, 604, 606, 699,
] as const;

const methods = [
  'INVITE', 'ACK', 'BYE', 'CANCEL', 'REFER', 'NOTIFY', 'SUBSCRIBE', 'UPDATE', 'PRACK', 'INFO', 'MESSAGE', 'OPTIONS', 'REGISTER', 'PUBLISH', 'FOO',
] as const;

const sdp = (direction: string, port = 50_000): string =>
  `v=0\r\no=x 1 ${String(port)} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${String(port)} RTP/AVP 0 8 101\r\na=${direction}\r\n`;

const bodies = [
  '', 'x', sdp('sendrecv'), sdp('sendonly'), sdp('inactive'), sdp('recvonly', 0), `${sdp('sendrecv')}m=video 4 RTP/AVP 31\r\n`,
  sdp('sendrecv').replaceAll('127.0.0.1', '0.0.0.0'), sdp('sendrecv').replace('0 8 101', '97'), 'v=0\r\n', 'SIP/2.0 100 Trying\r\n', 'SIP/2.0 200 OK',
  'SIP/2.0 486 Busy Here\r\n', 'SIP/2.0 603 Decline\r\nContact: <sip:a@b>\r\n', 'SIP/2.0 abc', 'SIP/2.0 999999999 x', 'Signal=5\r\nDuration=160\r\n',
] as const;

/** Fields that say something to a transfer, with values that a peer may give them, right and wrong. */
const oddValues: Readonly<Record<string, readonly string[]>> = {
  'Contact': ['*', '<mailto:x@y>', '<sip:x@192.0.2.1>', '<sip:alice@127.0.0.1:5061;method=x?a=b>', '<sip:bob@127.0.0.1:5062>;q=0', 'sip:127.0.0.1:5063;transport=tcp', '<sip:x@127.0.0.1:1>'],
  'CSeq': ['0 INVITE', '1 REFER', '2147483648 INVITE', '4294967295 BYE', '1 FOO', '2 ACK'],
  'Refer-To': [
    '<sip:charlie@127.0.0.1:5063>', '<sip:charlie@127.0.0.1:5063;method=BYE>', '<sip:bob@127.0.0.1:5062>', '<sip:alice@127.0.0.1:5061>', '<tel:0900>',
    '<sip:charlie@127.0.0.1:5063?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>', '<sip:charlie@127.0.0.1:5063?Replaces=%00>', 'sip:x, sip:y', '<sip:x@192.0.2.7>',
    '<sip:charlie@127.0.0.1:5063?Require=nothing&Via=x&Subject=%0d%0aX:y>', '<sips:charlie@127.0.0.1:5063>',
  ],
  'Referred-By': ['<sip:x@y>', 'x', '<sip:x@y>;cid="a@b"'],
  'Refer-Sub': ['false', 'true', 'maybe'],
  'Replaces': ['a;to-tag=b;from-tag=c', 'a;to-tag=0;from-tag=0', ';', 'a;to-tag=b;from-tag=c;early-only'],
  'Event': ['refer', 'refer;id=0', 'refer;id=1', 'refer;id=4294967295', 'dialog', 'presence', 'REFER;ID=2', ''],
  'Subscription-State': [
    'active', 'active;expires=0', 'active;expires=4294967295', 'active;expires=60', 'pending', 'terminated', 'terminated;reason=noresource', 'x',
    'terminated;reason=deactivated', 'terminated;reason=probation;retry-after=1', 'terminated;reason=giveup;retry-after=99999999', 'Terminated;Reason=Timeout',
  ],
  'Content-Type': ['application/sdp', 'message/sipfrag', 'message/sipfrag;version=2.0', 'application/dialog-info+xml', 'application/dtmf-relay', 'text/plain', 'x'],
  'Expires': ['0', '1', '60', '4294967295', 'x'],
  'Require': ['replaces', '100rel', 'timer', 'norefersub', 'nothing', 'explicitsub', 'tdialog'],
  'Supported': ['', '100rel, timer', 'replaces, norefersub, 100rel, timer, tdialog'],
  'RSeq': ['1', '2', '0', '4294967295', 'x'],
  'RAck': ['1 1 INVITE', '2 1 INVITE', '1 1', 'x'],
  'Session-Expires': ['90', '1800;refresher=uac', '90;refresher=uas', '1', 'x', '4294967295'],
  'Min-SE': ['90', '3600', '4294967295', 'x'],
  'Retry-After': ['0', '1', '3', '4294967295', '5;duration=3 (x)'],
  'Max-Forwards': ['0', '1', '255', '256', '-1'],
  'Record-Route': ['<sip:127.0.0.1:5064;lr>', '<sip:127.0.0.1:5064>', '<sip:192.0.2.1;lr>'],
  'Route': ['<sip:127.0.0.1:5064;lr>', '<sip:x>'],
  'To': ['<sip:bob@127.0.0.1:5062>', '<sip:bob@127.0.0.1:5062>;tag=x', 'x'],
  'From': ['<sip:alice@127.0.0.1:5061>', '<sip:alice@127.0.0.1:5061>;tag=x', 'x'],
  'Call-ID': ['x', ''],
  'Via': ['SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK', 'SIP/2.0/UDP 127.0.0.1:5061;branch=1', 'SIP/2.0/TCP 127.0.0.1:9;rport;branch=z9hG4bKx', 'x'],
  'Content-Length': ['0', '1', '99999', '-1', 'x'],
  'WWW-Authenticate': ['Digest realm="x", nonce="y"', 'Digest realm="x", nonce="y", stale=true, qop="auth"', 'Basic x', 'Digest'],
  'Reason': ['SIP;cause=200', 'Q.850;cause=16', 'x'],
  'Target-Dialog': ['a;local-tag=b;remote-tag=c'],
  'Warning': ['399 x "y"'],
};

const oddNames = Object.keys(oddValues);

/** What goes with a forged request of this method, beyond chance. */
const usualFields: Readonly<Record<string, readonly string[]>> = {
  REFER: ['Refer-To', 'Contact', 'Referred-By'],
  NOTIFY: ['Event', 'Subscription-State', 'Content-Type', 'Contact'],
  SUBSCRIBE: ['Event', 'Expires', 'Contact'],
  INVITE: ['Contact', 'Content-Type'],
  UPDATE: ['Contact', 'Content-Type', 'Session-Expires'],
  PRACK: ['RAck'],
  INFO: ['Content-Type'],
};

function drawField(random: RandomSource, name: string): string {
  return `${name}: ${oneOf(random, oddValues[name] ?? [''])}`;
}

function drawFields(random: RandomSource, usual: readonly string[]): readonly string[] {
  const fields = usual.filter(() => randomInteger(random, 8) > 0).map((name) => drawField(random, name));
  if (randomInteger(random, 3) === 0) fields.push(drawField(random, oneOf(random, oddNames)));
  return fields;
}

function drawForgedRequest(random: RandomSource): ForgedRequest {
  const method = oneOf(random, methods);
  return {
    kind: 'forge-request',
    method,
    ahead: oneOf(random, [0, 1, 1, 1, 2, 10, -1, 1_000]),
    turned: randomInteger(random, 2) === 0,
    headers: drawFields(random, usualFields[method] ?? []),
    body: oneOf(random, bodies),
    after: randomInteger(random, 3) === 0 ? milliseconds(random) : 0,
  };
}

function drawForgedResponse(random: RandomSource): ForgedResponse {
  const tag = oneOf(random, [undefined, 'forged', 'other']);
  return {
    kind: 'forge-response',
    status: oneOf(random, statuses),
    ...(tag !== undefined && { toTag: tag }),
    headers: drawFields(random, ['Contact', 'Content-Type', oneOf(random, ['Retry-After', 'RSeq', 'Require', 'WWW-Authenticate', 'Min-SE', 'Record-Route'])]),
    body: oneOf(random, bodies),
    after: randomInteger(random, 3) === 0 ? milliseconds(random) : 0,
  };
}

function fieldNames(message: SentMessage): readonly string[] {
  return MessageText.of(message.bytes).lines.map((line) => line.slice(0, Math.max(0, line.indexOf(':'))));
}

function drawEarlier(random: RandomSource, wire: MutatingWire): SentMessage {
  return oneOf(random, wire.sent);
}

const draws: readonly (readonly [weight: number, draw: Draw])[] = [
  [8, () => ({ kind: 'drop' })],
  [3, () => ({ kind: 'lose' })],
  [2, (random) => ({ kind: 'deafen', during: milliseconds(random) })],
  [6, (random) => ({ kind: 'duplicate', after: milliseconds(random) })],
  [6, (random) => ({ kind: 'delay', by: milliseconds(random) })],
  [8, () => ({ kind: 'swap' })],
  [3, (random, _message, wire) => ({ kind: 'misdeliver', to: oneOf(random, wire.agents).name })],
  [
    8,
    (random, _message, wire) => {
      const { label, ordinal } = drawEarlier(random, wire);
      return { kind: 'replay', of: { label, ordinal } };
    },
  ],
  [
    6,
    (random, { bytes }) => {
      const { start } = MessageText.of(bytes);
      const line = start.startsWith('SIP/2.0')
        ? `SIP/2.0 ${String(oneOf(random, statuses))} Changed`
        : start.replace(/^\S+/u, (method) => (randomInteger(random, 2) === 0 ? oneOf(random, methods) : method)).replace(/(?<=^\S+ )\S+/u, (uri) => (randomInteger(random, 2) === 0 ? uri : 'sip:127.0.0.1:5064'));
      return { kind: 'start-line', line };
    },
  ],
  [
    12,
    (random) => {
      const name = oneOf(random, oddNames);
      return { kind: 'set-field', name, value: oneOf(random, oddValues[name] ?? ['']) };
    },
  ],
  [
    8,
    (random, message) => {
      // A number, a parameter or an octet of a field that is there.
      const name = oneOf(random, fieldNames(message));
      const value = MessageText.of(message.bytes).value(name);
      const at = randomInteger(random, value.length + 1);
      const changed = oneOf(random, [
        () => value.replace(/\d+/u, String(randomInteger(random, 2 ** 33))),
        () => value.replace(/;[^;]*$/u, ''),
        () => value.slice(0, at) + String.fromCharCode(32 + randomInteger(random, 95)) + value.slice(at + 1),
        () => value.slice(0, at),
        () => `${value}, ${value}`,
      ])();
      return { kind: 'set-field', name, value: changed };
    },
  ],
  [5, (random, message) => ({ kind: 'remove-field', name: oneOf(random, fieldNames(message)) })],
  [4, (random, message) => ({ kind: 'repeat-field', name: oneOf(random, fieldNames(message)) })],
  [
    12,
    (random, _message, wire) => {
      const { label, ordinal, bytes } = drawEarlier(random, wire);
      const parts = [...MessageText.of(bytes).lines.map((line) => line.slice(0, Math.max(0, line.indexOf(':')))), 'body'];
      return { kind: 'splice', of: { label, ordinal }, part: oneOf(random, parts) };
    },
  ],
  [
    5,
    (random, { bytes }) => ({
      kind: 'octets',
      at: randomInteger(random, bytes.length),
      remove: randomInteger(random, 12),
      insert: Buffer.from(random.bytes(randomInteger(random, 6))).toString('latin1'),
    }),
  ],
  [4, (random) => ({ kind: 'body', body: oneOf(random, bodies) })],
  [14, drawForgedRequest],
  [8, drawForgedResponse],
];

const total = draws.reduce((sum, [weight]) => sum + weight, 0);

/** Draws what the wire does to `message`. */
export function drawMutation(random: RandomSource, message: SentMessage, wire: MutatingWire): Mutation | undefined {
  let left = random.fraction() * total;
  for (const [weight, draw] of draws) {
    left -= weight;
    if (left < 0) return draw(random, message, wire);
  }
  return undefined;
}
