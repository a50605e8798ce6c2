import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  buildCommand,
  buildFullFrame,
  buildMini,
  type CommandName,
  type ElementValues,
  frameTypes,
  type FullFrame,
  type IaxCall,
  writeElement,
} from '../../../../src/iax';
import { IaxRig, type RigEndpoint, type Stranger } from '../../../support/iax-rig';

/** A stranger with a leg to an endpoint of ours, whose frames are written by hand. */
class Caller {
  readonly rig = new IaxRig();
  readonly ours: RigEndpoint = this.rig.endpoint(2);
  readonly stranger: Stranger = this.rig.stranger(1);
  readonly number: number;
  /** Our side's number of the call. */
  theirs = 0;
  o = 0;

  constructor(number = 2001) {
    this.number = number;
  }

  frame(command: CommandName, elements: ElementValues = {}, header: Partial<Parameters<typeof buildCommand>[0]> = {}): FullFrame {
    return buildCommand(this.header(header), command, elements);
  }

  header(header: Partial<Parameters<typeof buildCommand>[0]> = {}): Parameters<typeof buildCommand>[0] {
    const incomingSequence = this.stranger.frames.filter(({ sourceCall, command }) => sourceCall === this.theirs && command !== 'ACK' && command !== 'VNAK').length;
    return { sourceCall: this.number, destinationCall: this.theirs, timestamp: 50, outgoingSequence: this.o, incomingSequence, ...header };
  }

  /** Sends a frame, lets it arrive and be answered, and returns the titles of what came back. */
  send(frame: { readonly bytes: Uint8Array } | Uint8Array, from: Stranger = this.stranger): string[] {
    const before = this.stranger.received.length;
    from.send(this.ours, frame);
    this.rig.run(10);
    return this.stranger.received.slice(before).map((answer) => (answer.kind === 'full' ? answer.title : answer.kind));
  }

  /** NEW with a token, up to ACCEPT and ANSWER. */
  up(): IaxCall {
    this.open({});
    const call = this.ours.lastCall;
    this.theirs = call.leg.localNumber;
    call.answer();
    this.rig.run(10);
    this.o = 1;
    this.send(this.frame('ACK'));
    assert.equal(call.state, 'up');
    return call;
  }

  /** NEW, with the token that is asked for. */
  open(elements: ElementValues): string[] {
    const base = { calledNumber: '100', format: 4, capability: 12, ...elements };
    assert.deepEqual(this.send(this.frame('NEW', { ...base, callToken: new Uint8Array(0) })), ['CALLTOKEN']);
    const token = this.stranger.last.element('callToken')!;
    return this.send(this.frame('NEW', { ...base, callToken: token }));
  }

  close(): void {
    assert.equal(this.rig.close(), 0);
  }
}

/** A call that is up, what `send` is answered to it, and the call's state after it. */
function inCall(send: (caller: Caller) => { readonly bytes: Uint8Array } | Uint8Array): { readonly answers: string[]; readonly call: IaxCall; readonly caller: Caller } {
  const caller = new Caller();
  const call = caller.up();
  const answers = caller.send(send(caller));
  return { answers, call, caller };
}

describe('bad input, row by row of table 7.1', () => {
  it('drops fewer than 4 octets, and a full frame of fewer than 12, and counts them', () => {
    const caller = new Caller();
    for (const octets of ['87d1', '87d1145800', '87d11458000000000000']) assert.deepEqual(caller.send(Buffer.from(octets, 'hex')), []);
    assert.equal(caller.ours.problems.length, 3);
    caller.close();
  });

  it('drops a meta frame with an unknown command, and the cut-off end of a trunk frame', () => {
    const caller = new Caller();
    const call = caller.up();
    const heard: number[] = [];
    call.on('voice', ({ payload }) => heard.push(payload.length));
    assert.deepEqual(caller.send(Buffer.from('0000050000000000', 'hex')), []);
    caller.send(buildFullFrame(caller.header(), frameTypes.voice, 4, new Uint8Array(160)));
    const trunk = Buffer.from('0000010100000000' + '000407d100a07f7f7f7f' + '00ff07d100b47f7f', 'hex');
    assert.deepEqual(caller.send(trunk), []);
    assert.deepEqual(heard, [160, 4]);
    caller.close();
  });

  it('answers a full frame of an unknown call with INVAL, but not INVAL, ACK, VNAK, TXCNT, TXACC, FWDOWNL', () => {
    const caller = new Caller();
    caller.theirs = 9_999;
    for (const command of ['PING', 'HANGUP', 'QUELCH', 'TXREQ'] as const) {
      assert.deepEqual(caller.send(caller.frame(command)), ['INVAL'], command);
      const { sourceCall, destinationCall, timestamp, outgoingSequence, incomingSequence } = caller.stranger.last;
      assert.deepEqual([sourceCall, destinationCall, timestamp, outgoingSequence, incomingSequence], [9_999, 2001, 0, 0, 0]);
    }
    assert.deepEqual(caller.send(buildFullFrame(caller.header(), frameTypes.voice, 4, new Uint8Array(160))), ['INVAL']);
    for (const command of ['INVAL', 'ACK', 'VNAK', 'TXCNT', 'TXACC', 'FWDOWNL'] as const) assert.deepEqual(caller.send(caller.frame(command)), [], command);
    for (const sourceCall of [0, 1]) assert.deepEqual(caller.send(caller.frame('PING', {}, { sourceCall })), []);
    caller.close();
  });

  it('sends no more than ten INVALs a second to one source', () => {
    const caller = new Caller();
    caller.theirs = 9_999;
    for (let frame = 0; frame < 100; frame += 1) caller.stranger.send(caller.ours, caller.frame('PING'));
    caller.rig.run(10);
    assert.equal(caller.stranger.frames.length, 10);
    caller.rig.run(1_000);
    assert.deepEqual(caller.send(caller.frame('PING')), ['INVAL']);
    caller.close();
  });

  it('answers a frame after our HANGUP was acknowledged with INVAL', () => {
    const { caller, call } = inCall((up) => up.frame('ACK'));
    call.hangUp();
    caller.rig.run(10);
    caller.send(caller.frame('ACK'));
    assert.deepEqual(caller.send(caller.frame('PING')), ['INVAL']);
    caller.close();
  });

  it('drops a mini frame of an unknown call', () => {
    const caller = new Caller();
    assert.deepEqual(caller.send(buildMini(2001, 20, new Uint8Array(160))), []);
    caller.close();
  });

  it('answers minis before the first full voice frame with VNAK, one in 100 ms', () => {
    const { answers, caller, call } = inCall(() => buildMini(2001, 20, new Uint8Array(160)));
    let heard = 0;
    call.on('voice', () => (heard += 1));
    assert.deepEqual(answers, ['VNAK']);
    for (let frame = 0; frame < 5; frame += 1) assert.deepEqual(caller.send(buildMini(2001, 40, new Uint8Array(160))), []);
    caller.rig.run(60);
    assert.deepEqual(caller.send(buildMini(2001, 60, new Uint8Array(160))), ['VNAK']);
    assert.equal(heard, 0);
    caller.close();
  });

  it('refuses NEW and REGREQ without a token or with a wrong one, barely and from call 1, and keeps nothing', () => {
    const caller = new Caller();
    const wrong = { callToken: new Uint8Array(16) };
    assert.deepEqual(caller.send(caller.frame('NEW', { calledNumber: '100' })), ['REJECT']);
    assert.deepEqual([caller.stranger.last.sourceCall, caller.stranger.last.destinationCall, caller.stranger.last.elements.length], [1, 2001, 0]);
    assert.deepEqual(caller.send(caller.frame('NEW', { calledNumber: '100', ...wrong })), ['REJECT']);
    assert.deepEqual(caller.send(caller.frame('REGREQ', { username: 'alice' })), ['REGREJ']);
    assert.deepEqual(caller.send(caller.frame('REGREQ', { username: 'alice', ...wrong })), ['REGREJ']);
    assert.deepEqual(caller.ours.endpoint.footprint, { live: 0, legs: 0 });
    caller.close();
  });

  it('drops a NEW from call 0', () => {
    const caller = new Caller(0);
    assert.deepEqual(caller.send(caller.frame('NEW', { calledNumber: '100', callToken: new Uint8Array(0) })), []);
    caller.close();
  });

  it('refuses another version with cause 50, and takes none for ours', () => {
    const other = new Caller();
    assert.deepEqual(other.open({ version: 3 }), ['REJECT']);
    assert.equal(other.stranger.last.element('causeCode'), 50);
    other.close();
    const none = new Caller();
    assert.deepEqual(none.open({}), ['ACK']);
    assert.equal(none.ours.incoming.length, 1);
    none.close();
  });

  it('acknowledges a NEW of a running leg, and does nothing', () => {
    const caller = new Caller();
    caller.up();
    const again = caller.frame('NEW', { calledNumber: '200' }, { destinationCall: 0, outgoingSequence: 0, incomingSequence: 0 });
    assert.deepEqual(caller.send(again), ['ACK']);
    const next = caller.frame('NEW', { calledNumber: '200' }, { destinationCall: 0 });
    assert.deepEqual(caller.send(next), ['ACK']);
    assert.deepEqual([caller.ours.incoming.length, caller.ours.lastCall.parties.calledNumber], [1, '100']);
    caller.close();
  });

  it('refuses a number that nobody has with 3, no common codec with 58', () => {
    const caller = new Caller();
    assert.deepEqual(caller.open({ format: 2, capability: 2 }), ['REJECT']);
    assert.deepEqual([caller.stranger.last.element('causeCode'), caller.stranger.last.element('cause')], [58, 'Unable to negotiate codec']);
    caller.close();
  });

  it('answers an unknown command with UNSUPPORT that names it, but not ACK, INVAL or UNSUPPORT', () => {
    const { answers, caller, call } = inCall((up) => buildFullFrame(up.header(), frameTypes.iax, 44));
    assert.deepEqual(answers, ['UNSUPPORT']);
    assert.equal(caller.stranger.last.element('iaxUnknown'), 44);
    caller.o += 1;
    for (const command of ['PAGE', 'MWI', 'FWDATA'] as const) {
      assert.deepEqual(caller.send(caller.frame(command)), ['UNSUPPORT'], command);
      caller.o += 1;
    }
    assert.deepEqual(caller.send(caller.frame('UNSUPPORT', { iaxUnknown: 44 })), ['ACK']);
    assert.equal(call.state, 'up');
    // A command with the C bit is a power of two, which has no room in the answer: its octet has.
    caller.o += 1;
    for (const octet of [0x9f, 0xff]) {
      const { bytes } = caller.frame('PAGE');
      bytes[11] = octet;
      assert.deepEqual(caller.send(bytes), ['UNSUPPORT']);
      assert.equal(caller.stranger.last.element('iaxUnknown'), octet);
      caller.o += 1;
    }
    caller.close();
  });

  it('acknowledges an unknown frame type and an unknown control, and passes them over', () => {
    const { answers, caller, call } = inCall((up) => buildFullFrame(up.header(), 77, 3));
    assert.deepEqual(answers, ['ACK']);
    caller.o += 1;
    assert.deepEqual(caller.send(buildFullFrame(caller.header(), frameTypes.control, 99)), ['ACK']);
    assert.equal(call.state, 'up');
    caller.close();
  });

  it('takes a text with the NUL that Asterisk ends it with, and passes over a key that is none', () => {
    const { caller, call } = inCall((up) => up.frame('ACK'));
    const told: string[] = [];
    call.on('text', (text) => told.push(text));
    call.on('digit', (digit) => told.push(digit));
    assert.deepEqual(caller.send(buildFullFrame(caller.header(), frameTypes.text, 0, Buffer.from('hello\0'))), ['ACK']);
    for (const subclass of [0x65, 0, 0x2000]) {
      caller.o += 1;
      assert.deepEqual(caller.send(buildFullFrame(caller.header(), frameTypes.dtmf, subclass)), ['ACK']);
    }
    caller.o += 1;
    caller.send(buildFullFrame(caller.header(), frameTypes.dtmf, 0x23));
    assert.deepEqual(told, ['hello', '#']);
    caller.close();
  });

  it('acknowledges a TRANSFER without a number, passes it over, and says so (6.7)', () => {
    const { caller, call } = inCall((up) => up.frame('ACK'));
    let asked = 0;
    call.on('transferAsked', () => (asked += 1));
    assert.deepEqual(caller.send(caller.frame('TRANSFER', { calledContext: 'sales' })), ['ACK']);
    assert.deepEqual([asked, caller.ours.problems, call.state], [0, ['TRANSFER without CALLED NUMBER was passed over'], 'up']);
    caller.close();
  });

  it('drops a frame whose element is cut off, or with one octet too many: no ACK, no reply', () => {
    for (const hex of ['16094142', '2a0110' + '16']) {
      const { answers, caller, call } = inCall((up) => Buffer.concat([up.frame('HANGUP').bytes, Buffer.from(hex, 'hex')]));
      assert.deepEqual([answers, call.state], [[], 'up']);
      assert.equal(caller.ours.problems.length, 1);
      caller.close();
    }
  });

  it('passes over an element of a wrong length, and serves its frame', () => {
    const { answers, call, caller } = inCall((up) => Buffer.concat([up.frame('HANGUP', { cause: 'bye' }).bytes, writeElement(42, Uint8Array.of(0, 21))]));
    assert.deepEqual([answers, call.state, call.cause], [['ACK'], 'ended', { code: 16, text: 'bye' }]);
    caller.close();
  });

  it('acknowledges a repeat, and answers a gap with VNAK', () => {
    const { caller } = inCall((up) => up.frame('QUELCH'));
    assert.deepEqual(caller.send(caller.frame('QUELCH')), ['ACK']);
    assert.deepEqual(caller.send(caller.frame('QUELCH', {}, { outgoingSequence: 5 })), ['VNAK']);
    caller.close();
  });

  it('drops a frame with a wrong destination number, though address and source are right, and says INVAL', () => {
    const { answers, call, caller } = inCall((up) => up.frame('HANGUP', {}, { destinationCall: up.theirs ^ 1 }));
    assert.deepEqual([answers, call.state], [['INVAL'], 'up']);
    caller.close();
    const without = inCall((up) => up.frame('HANGUP', {}, { destinationCall: 0 }));
    assert.deepEqual([without.answers, without.call.state], [['INVAL'], 'up']);
    without.caller.close();
  });

  it('drops whatever comes with right numbers from another address, and answers nothing', () => {
    const caller = new Caller();
    const call = caller.up();
    const mallory = caller.rig.stranger(66);
    for (const command of ['HANGUP', 'INVAL', 'REJECT', 'QUELCH', 'TXREL', 'TXCNT', 'TXACC', 'VNAK', 'ACK', 'PING'] as const) {
      assert.deepEqual(caller.send(caller.frame(command), mallory), [], command);
    }
    caller.send(buildFullFrame(caller.header(), frameTypes.voice, 4, new Uint8Array(160)), mallory);
    caller.send(buildMini(2001, 20, new Uint8Array(160)), mallory);
    assert.deepEqual([call.state, call.isQuelched, mallory.received.length], ['up', false, 0]);
    caller.close();
  });

  it('ends a leg by INVAL when its number matches, without an ACK', () => {
    const { answers, call, caller } = inCall((up) => up.frame('INVAL', {}, { outgoingSequence: 0, incomingSequence: 0, timestamp: 0 }));
    assert.deepEqual([answers, call.state, call.cause?.code], [[], 'ended', 81]);
    caller.close();
    const other = inCall((up) => up.frame('INVAL', {}, { destinationCall: up.theirs ^ 1 }));
    assert.deepEqual([other.answers, other.call.state], [[], 'up']);
    other.caller.close();
  });

  it('takes a HANGUP without elements, and one with unknown ones', () => {
    const bare = inCall((up) => up.frame('HANGUP'));
    assert.deepEqual([bare.answers, bare.call.cause], [['ACK'], { code: 16, text: 'Normal clearing' }]);
    bare.caller.close();
    const odd = inCall((up) => Buffer.concat([up.frame('HANGUP').bytes, writeElement(200, Uint8Array.of(1, 2, 3)), writeElement(42, Uint8Array.of(17))]));
    assert.deepEqual([odd.answers, odd.call.cause], [['ACK'], { code: 17, text: 'Busy' }]);
    odd.caller.close();
  });

  it('6: acknowledges TXREADY, TXREL, TXMEDIA and TXREJ out of state and passes them over; refuses a TXREQ that lacks something', () => {
    for (const command of ['TXREADY', 'TXREL', 'TXMEDIA', 'TXREJ'] as const) {
      const { answers, call, caller } = inCall((up) => up.frame(command, { callNumber: 77 }));
      assert.deepEqual([answers, call.state, call.peer.host], [['ACK'], 'up', '127.0.0.1'], command);
      caller.close();
    }
    for (const elements of [{ callNumber: 77 }, { apparentAddress: { host: '127.0.0.3', port: 4569 } }]) {
      const { answers, call, caller } = inCall((up) => up.frame('TXREQ', elements));
      assert.deepEqual([answers, call.state], [['TXREJ'], 'up']);
      caller.close();
    }
  });
});
