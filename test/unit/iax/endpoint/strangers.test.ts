import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, VirtualClock } from '../../../../src/core';
import { buildCommand, type CommandName, type ElementValues } from '../../../../src/iax';
import { CallNumbers } from '../../../../src/iax/endpoint/call-numbers';
import { CallTokens } from '../../../../src/iax/endpoint/call-token';
import { SourceLimiter } from '../../../../src/iax/endpoint/source-limiter';
import { IaxRig } from '../../../support/iax-rig';

const source = { host: '127.0.0.1', port: 4569 };

function first(command: CommandName, elements: ElementValues = {}, sourceCall = 2001): ReturnType<typeof buildCommand> {
  return buildCommand({ sourceCall, destinationCall: 0, timestamp: 3, outgoingSequence: 0, incomingSequence: 0 }, command, elements);
}

describe('a call token', () => {
  it('is good for its address alone, as long as a request may be repeated and no more than a minute', () => {
    const clock = new VirtualClock(1_000);
    const tokens = new CallTokens(clock, new SeededRandom(1));
    const token = tokens.issue(source, 16)!;
    assert.equal(token.length, 16);
    assert.ok(tokens.verify(source, token));
    assert.ok(!tokens.verify({ ...source, port: 4570 }, token));
    assert.ok(!tokens.verify({ ...source, host: '127.0.0.2' }, token));
    assert.ok(!tokens.verify(source, Uint8Array.from(token, (octet) => octet ^ 1)));
    assert.ok(!tokens.verify(source, token.subarray(0, 5)));
    assert.ok(!tokens.verify(source, new Uint8Array(0)));
    clock.advance(40_000);
    assert.ok(tokens.verify(source, token));
    clock.advance(20_000);
    assert.ok(!tokens.verify(source, token));
  });

  it('cannot be made by who does not know the secret', () => {
    const clock = new VirtualClock();
    const token = new CallTokens(clock, new SeededRandom(1)).issue(source, 16)!;
    assert.ok(!new CallTokens(clock, new SeededRandom(2)).verify(source, token));
  });

  it('is as short as the request is, down to six octets', () => {
    const tokens = new CallTokens(new VirtualClock(), new SeededRandom(1));
    const short = tokens.issue(source, 11)!;
    assert.equal(short.length, 11);
    assert.ok(tokens.verify(source, short));
    assert.equal(tokens.issue(source, 5), undefined);
  });

  it('replayed from another address gets a bare REJECT, and no call', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2);
    const alice = rig.stranger(1);
    const mallory = rig.stranger(66);
    alice.send(ours, first('NEW', { calledNumber: '100', format: 4, callToken: new Uint8Array(0) }));
    rig.run(10);
    const token = alice.last.element('callToken')!;
    mallory.send(ours, first('NEW', { calledNumber: '100', format: 4, callToken: token }));
    rig.run(10);
    assert.deepEqual([mallory.last.title, mallory.last.bytes.length, ours.incoming.length], ['REJECT', 12, 0]);
    assert.equal(rig.close(), 0);
  });

  it('is not asked of a source that is trusted without', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2, { requiresToken: ({ host }) => host !== '127.0.0.1' });
    const old = rig.stranger(1);
    old.send(ours, first('NEW', { calledNumber: '100', format: 4 }));
    rig.run(10);
    assert.equal(ours.incoming.length, 1);
    assert.equal(rig.close(), 0);
  });
});

describe('strangers', () => {
  it('get PONG for POKE, from call 1 and with nothing kept', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2);
    const stranger = rig.stranger(1);
    stranger.send(ours, Buffer.from('83ee0000000000010000061e', 'hex'));
    rig.run(10);
    assert.equal(Buffer.from(stranger.last.bytes).toString('hex'), '800103ee0000000100010603');
    assert.equal(ours.endpoint.footprint.legs, 0);
    assert.equal(rig.close(), 0);
  });

  it('get no answer before they have proved their address that is longer than what they sent', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2, { registrar: {} });
    const stranger = rig.stranger(1);
    const empty = new Uint8Array(0);
    const requests = [
      first('NEW', { callToken: empty }),
      first('NEW', { calledNumber: '1', callToken: empty }),
      first('NEW', { calledNumber: '100100100', format: 4, capability: 12, callToken: empty }),
      first('REGREQ', { username: 'alice', refresh: 60, callToken: empty }),
      first('REGREL', { username: 'a', callToken: empty }),
      first('NEW'),
      first('POKE'),
      buildCommand({ sourceCall: 5, destinationCall: 77, timestamp: 3, outgoingSequence: 0, incomingSequence: 0 }, 'PING'),
    ];
    for (const request of requests) {
      const before = stranger.received.length;
      stranger.send(ours, request);
      rig.run(10);
      const answered = stranger.received.slice(before).reduce((sum, { bytes }) => sum + bytes.length, 0);
      assert.ok(answered <= request.bytes.length, `${request.title}: ${answered} for ${request.bytes.length}`);
    }
    assert.ok(stranger.frames.filter(({ title }) => title === 'CALLTOKEN').length >= 2);
    assert.equal(rig.close(), 0);
  });

  it('get no answer to a first frame that is cut off, or has not the first number', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2, { registrar: {} });
    const stranger = rig.stranger(1);
    const { bytes } = first('NEW', { calledNumber: '100', callingName: 'Somebody', callToken: new Uint8Array(0) });
    stranger.send(ours, Buffer.concat([bytes, Buffer.from([1])]));
    const late = Buffer.from(bytes);
    late[8] = 1;
    stranger.send(ours, late);
    rig.run(10);
    assert.deepEqual([stranger.received.length, ours.endpoint.footprint.legs], [0, 0]);
    stranger.send(ours, bytes);
    rig.run(10);
    assert.equal(stranger.last.title, 'CALLTOKEN');
    assert.equal(rig.close(), 0);
  });

  it('cost no call number and no memory when they flood with forged sources', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2, { registrar: {} });
    const answers: number[] = [];
    rig.filter = ({ bytes }) => {
      answers.push(bytes.length);
      return false;
    };
    const requests = [first('NEW', { calledNumber: '100', format: 4, capability: 12, callToken: new Uint8Array(0) }), first('NEW', { calledNumber: '100', callToken: new Uint8Array(16).fill(7) }), first('REGREQ', { username: 'x' })];
    for (let index = 0; index < 100_000; index += 1) {
      const forged = { host: `10.${index & 0xff}.${(index >> 8) & 0xff}.${index >> 16}`, port: 1_024 + (index % 60_000) };
      ours.endpoint.receive(forged, requests[index % requests.length]!.bytes);
    }
    rig.sent.length = 0;
    assert.equal(answers.length, 100_000);
    assert.deepEqual(ours.endpoint.footprint, { live: 0, legs: 0 });
    assert.equal(rig.clock.pendingTimers, 0);
    // And who is really there gets through.
    rig.filter = () => true;
    const alice = rig.endpoint(1);
    const call = alice.call(ours);
    rig.run(50);
    ours.lastCall.answer();
    rig.run(50);
    assert.equal(call.state, 'up');
    assert.equal(rig.close(), 0);
  });

  it('of one address cannot have more than their share of calls, and all together no more than there may be: clear words for both', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2, { limits: { legs: 5, perSource: 3 } });
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(3);
    const calls = Array.from({ length: 4 }, () => alice.call(ours));
    rig.run(100);
    assert.deepEqual(calls.map(({ cause }) => cause), [undefined, undefined, undefined, { code: 34, text: 'Too many calls from one address' }]);
    const more = Array.from({ length: 3 }, () => bob.call(ours));
    rig.run(100);
    assert.deepEqual(more.map(({ cause }) => cause?.code), [undefined, undefined, 42]);
    assert.match(more[2]!.cause!.text, /in use/u);
    // A place that becomes free is given to the next.
    ours.incoming[0]!.reject();
    rig.run(100);
    const next = alice.call(ours);
    rig.run(100);
    assert.equal(next.cause, undefined);
    assert.equal(rig.close(), 0);
  });

  it('with one number for two calls are told apart by their address', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2, { requiresToken: () => false });
    const one = rig.stranger(1);
    const two = rig.stranger(3);
    for (const stranger of [one, two]) stranger.send(ours, first('NEW', { calledNumber: stranger === one ? '1' : '2', format: 4 }));
    rig.run(10);
    const [a, b] = ours.incoming;
    assert.deepEqual([a!.parties.calledNumber, b!.parties.calledNumber], ['1', '2']);
    assert.notEqual(a!.leg.localNumber, b!.leg.localNumber);
    two.send(ours, buildCommand({ sourceCall: 2001, destinationCall: b!.leg.localNumber, timestamp: 9, outgoingSequence: 1, incomingSequence: 0 }, 'HANGUP'));
    rig.run(10);
    assert.deepEqual([a!.state, b!.state], ['incoming', 'ended']);
    assert.equal(rig.close(), 0);
  });

  it('whose name is no text, and grows when it is written back, are challenged all the same', () => {
    const rig = new IaxRig();
    const access = { secretOf: () => undefined };
    const ours = rig.endpoint(2, { access, registrar: { access }, requiresToken: () => false });
    const stranger = rig.stranger(1);
    const name = Buffer.concat([Buffer.from([6, 255]), Buffer.alloc(255, 0xff)]);
    for (const [command, number] of [['NEW', 2], ['REGREQ', 3]] as const) {
      const { bytes } = first(command, {}, number);
      stranger.send(ours, Buffer.concat([bytes, Buffer.from([9, 4, 0, 0, 0, 4]), name]));
      rig.run(10);
    }
    assert.deepEqual(stranger.frames.map(({ title }) => title), ['AUTHREQ', 'REGAUTH']);
    assert.equal(rig.close(), 0);
  });

  it('without an own registrar are told that there is none', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2);
    const alice = rig.endpoint(1);
    const registration = alice.endpoint.register(ours.address, { username: 'alice' });
    rig.run(100);
    assert.deepEqual([registration.state, registration.problem?.text], ['failed', 'No registrar here']);
    assert.equal(rig.close(), 0);
  });
});

describe('call numbers', () => {
  it('are between 2 and 32767, and never two alike', () => {
    const numbers = new CallNumbers(new VirtualClock(), new SeededRandom(7));
    const drawn = new Set<number>();
    for (let call = 0; call < 32_766; call += 1) drawn.add(numbers.take()!);
    assert.deepEqual([drawn.size, Math.min(...drawn), Math.max(...drawn)], [32_766, 2, 32_767]);
    assert.equal(numbers.take(), undefined);
  });

  it('rest for a minute before they name another call, unless there is no other', () => {
    const clock = new VirtualClock();
    const numbers = new CallNumbers(clock, new SeededRandom(7));
    const used = numbers.take()!;
    numbers.giveBack(used);
    const drawn = new Set<number>();
    for (let call = 0; call < 32_765; call += 1) drawn.add(numbers.take()!);
    assert.ok(!drawn.has(used));
    assert.equal(numbers.take(), used);
    numbers.giveBack(used);
    clock.advance(60_000);
    assert.equal(numbers.take(), used);
  });

  it('cannot be foretold from the last one', () => {
    const numbers = new CallNumbers(new VirtualClock(), new SeededRandom(7));
    const drawn = Array.from({ length: 100 }, () => numbers.take()!);
    const steps = new Set(drawn.slice(1).map((number, index) => number - drawn[index]!));
    assert.ok(steps.size > 95);
  });
});

describe('a limit for each source', () => {
  it('lets a second of it through at once, then so many a second, and remembers no more than it must', () => {
    const clock = new VirtualClock();
    const limiter = new SourceLimiter(clock, 10);
    const taken = (): number => Array.from({ length: 50 }, () => limiter.take('a')).filter(Boolean).length;
    assert.equal(taken(), 10);
    assert.ok(limiter.take('b'));
    clock.advance(500);
    assert.equal(taken(), 5);
    for (let index = 0; index < 5_000; index += 1) limiter.take(`host ${index}`);
    assert.equal(taken(), 10);
  });
});
