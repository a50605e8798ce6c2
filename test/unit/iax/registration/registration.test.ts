import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../../../src/core';
import { buildCommand, decodeFrame, type FullFrame, type IaxRegistration } from '../../../../src/iax';
import { md5Result } from '../../../../src/iax/authentication';
import { IaxBindings } from '../../../../src/iax/registration/bindings';
import { stepRegistration } from '../../../../src/iax/registration/registration-machine';
import { IaxRig } from '../../../support/iax-rig';

const access = { secretOf: (username: string): string | undefined => ({ alice: 's3cret', open: '' })[username] };

function statesOf(registration: IaxRegistration): string[] {
  const states: string[] = [];
  registration.on('state', (_from, to) => states.push(to));
  return states;
}

describe('a registration', () => {
  it('asks for a token, proves who it is, is granted, renews at five sixths, and is released', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: { access } });
    const alice = rig.endpoint(1);
    const changes: string[] = [];
    registrar.endpoint.on('binding', ({ username }, change) => changes.push(`${username} ${change}`));
    const registration = alice.endpoint.register(registrar.address, { username: 'alice', secret: 's3cret', refresh: 60 });
    const states = statesOf(registration);
    rig.run(100);
    assert.deepEqual(rig.titles(alice), ['REGREQ', 'REGREQ', 'REGREQ', 'ACK']);
    assert.deepEqual(rig.titles(registrar), ['CALLTOKEN', 'REGAUTH', 'REGACK']);
    assert.deepEqual([registration.isRegistered, registration.refresh, registration.apparentAddress], [true, 60, alice.address]);
    assert.deepEqual(registrar.endpoint.bindingOf('alice')?.address, alice.address);
    assert.ok(alice.endpoint.isQuiet && registrar.endpoint.isQuiet);
    rig.run(49_800);
    assert.equal(changes.length, 1);
    rig.run(200);
    assert.deepEqual(changes, ['alice added', 'alice refreshed']);
    registration.release();
    rig.run(100);
    assert.deepEqual(changes, ['alice added', 'alice refreshed', 'alice removed']);
    assert.deepEqual(states, ['registered', 'refreshing', 'registered', 'releasing', 'unregistered']);
    assert.deepEqual([registrar.endpoint.bindings, alice.endpoint.isQuiet], [[], true]);
    assert.equal(rig.close(), 0);
  });

  it('of a wrong secret and of an unknown user fare alike: challenged, refused with 29, and told why', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: { access } });
    const alice = rig.endpoint(1);
    const wrong = alice.endpoint.register(registrar.address, { username: 'alice', secret: 'wrong' });
    const unknown = alice.endpoint.register(registrar.address, { username: 'mallory', secret: 's3cret' });
    rig.run(100);
    for (const registration of [wrong, unknown]) assert.deepEqual([registration.state, registration.problem], ['failed', { code: 29, text: 'Registration Refused' }]);
    assert.equal(rig.titles(registrar).filter((title) => title === 'REGAUTH').length, 2);
    assert.deepEqual(registrar.endpoint.bindings, []);
    rig.run(600_000);
    assert.equal(rig.titles(alice).filter((title) => title === 'REGREQ').length, 6);
    assert.equal(rig.close(), 0);
  });

  it('without a secret says so rather than send a password', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: { access } });
    const alice = rig.endpoint(1);
    const registration = alice.endpoint.register(registrar.address, { username: 'alice' });
    rig.run(100);
    assert.match(registration.problem?.text ?? '', /asks for a secret/u);
    assert.equal(rig.close(), 0);
  });

  it('is granted no less and no more than the registrar allows', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: { minRefresh: 30, maxRefresh: 120 } });
    const alice = rig.endpoint(1);
    const registrations = [5, 100, 9_999].map((refresh) => alice.endpoint.register(registrar.address, { username: `u${refresh}`, refresh }));
    rig.run(100);
    assert.deepEqual(registrations.map(({ refresh }) => refresh), [30, 100, 120]);
    assert.equal(rig.close(), 0);
  });

  it('runs out at the registrar when its phone is gone, and comes back when the registrar does', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: { access } });
    const alice = rig.endpoint(1);
    const changes: string[] = [];
    registrar.endpoint.on('binding', (_binding, change) => changes.push(change));
    const registration = alice.endpoint.register(registrar.address, { username: 'alice', secret: 's3cret', refresh: 60 });
    const states = statesOf(registration);
    rig.run(1_000);
    rig.filter = () => false;
    rig.run(100_000);
    assert.deepEqual([changes, states.slice(0, 4)], [['added', 'expired'], ['registered', 'refreshing', 'registering', 'failed']]);
    assert.equal(registration.problem?.code, 27);
    rig.filter = () => true;
    rig.run(60_000);
    assert.equal(registration.isRegistered, true);
    assert.deepEqual(changes.slice(0, 3), ['added', 'expired', 'added']);
    assert.equal(rig.close(), 0);
  });

  it('that is released while it is being made leaves nothing', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: { access } });
    const alice = rig.endpoint(1);
    const registration = alice.endpoint.register(registrar.address, { username: 'alice', secret: 's3cret' });
    rig.run(3);
    registration.release();
    rig.run(60_000);
    assert.deepEqual([registration.state, registrar.endpoint.bindings, alice.endpoint.isQuiet, registrar.endpoint.isQuiet], ['unregistered', [], true, true]);
    assert.equal(rig.close(), 0);
  });

  it('survives a path that loses three of ten, for a hundred seeds', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const rig = new IaxRig({ loss: 0.3, duplication: 0.1, delay: [1, 40] }, seed);
      const registrar = rig.endpoint(2, { registrar: { access } });
      const alice = rig.endpoint(1);
      const registration = alice.endpoint.register(registrar.address, { username: 'alice', secret: 's3cret', refresh: 60 });
      rig.run(300_000);
      assert.ok(registration.state !== 'failed' || registration.retriesSoon, `seed ${seed}: ${registration.state}`);
      registration.release();
      rig.run(120_000);
      assert.equal(registration.state, 'unregistered', `seed ${seed}`);
      assert.ok(alice.endpoint.isQuiet && registrar.endpoint.isQuiet, `seed ${seed}`);
      assert.equal(rig.close(), 0, `seed ${seed}`);
    }
  });

  it('bears a digest for the name that was challenged, and for no other', () => {
    const rig = new IaxRig();
    const users: Readonly<Record<string, string>> = { alice: 's3cret', mallory: 'own' };
    const registrar = rig.endpoint(2, { registrar: { access: { secretOf: (username) => users[username] } }, requiresToken: () => false });
    const mallory = rig.stranger(66);
    const header = { sourceCall: 7, destinationCall: 0, timestamp: 1, outgoingSequence: 0, incomingSequence: 0 };
    mallory.send(registrar, buildCommand(header, 'REGREQ', { username: 'alice' }));
    rig.run(10);
    const { sourceCall } = mallory.last;
    const proof = md5Result(mallory.last.element('challenge')!, 'own');
    mallory.send(registrar, buildCommand({ ...header, destinationCall: sourceCall, outgoingSequence: 1, incomingSequence: 1 }, 'REGREQ', { username: 'mallory', md5Result: proof }));
    rig.run(10);
    assert.equal(mallory.last.title, 'REGREJ');
    assert.deepEqual(registrar.endpoint.bindings, []);
    assert.equal(rig.close(), 0);
  });

  it('without a name is refused, where everybody may register', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: {} });
    const alice = rig.endpoint(1);
    const nameless = alice.endpoint.register(registrar.address, { username: '' });
    const long = alice.endpoint.register(registrar.address, { username: 'x'.repeat(81) });
    rig.run(100);
    assert.deepEqual([nameless.state, long.state, registrar.endpoint.bindings], ['failed', 'failed', []]);
    assert.equal(rig.close(), 0);
  });

  it('is given up when one side only acknowledges, and nothing is left on the other', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const silent = rig.stranger(2);
    const registration = alice.endpoint.register(silent.address, { username: 'alice' });
    rig.run(5);
    const { sourceCall } = silent.last;
    silent.send(alice, buildCommand({ sourceCall: 9, destinationCall: sourceCall, timestamp: 1, outgoingSequence: 1, incomingSequence: 1 }, 'ACK'));
    rig.run(34_000);
    assert.equal(registration.state, 'registering');
    rig.run(1_000);
    assert.deepEqual([registration.state, registration.problem?.code, alice.endpoint.footprint.legs], ['failed', 27, 0]);

    const registrar = rig.endpoint(3, { registrar: { access }, requiresToken: () => false });
    const header = { sourceCall: 7, timestamp: 1 };
    silent.send(registrar, buildCommand({ ...header, destinationCall: 0, outgoingSequence: 0, incomingSequence: 0 }, 'REGREQ', { username: 'alice' }));
    rig.run(5);
    silent.send(registrar, buildCommand({ ...header, destinationCall: silent.last.sourceCall, outgoingSequence: 1, incomingSequence: 1 }, 'ACK'));
    rig.run(34_000);
    assert.equal(registrar.endpoint.footprint.legs, 1);
    rig.run(1_000);
    assert.equal(registrar.endpoint.footprint.legs, 0);
    assert.equal(rig.close(), 0);
  });

  it('waits and tries again when there is no call number left', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: {} });
    const alice = rig.endpoint(1);
    for (let call = 2; call <= 32_767; call += 1) alice.call({ address: { host: '127.0.0.9', port: 4569 } });
    assert.throws(() => alice.call(registrar), /all call numbers/u);
    const registration = alice.endpoint.register(registrar.address, { username: 'alice' });
    rig.run(1);
    assert.deepEqual([registration.state, registration.problem?.code], ['failed', 42]);
    // All of them have ended meanwhile.
    rig.run(90_000);
    assert.ok(registration.isRegistered);
    assert.equal(rig.close(), 0);
  });

  it('does not ask all the time because a registrar grants next to nothing', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: { minRefresh: 1, maxRefresh: 1 } });
    const alice = rig.endpoint(1);
    const registration = alice.endpoint.register(registrar.address, { username: 'alice' });
    rig.run(100);
    assert.equal(registration.refresh, 5);
    assert.equal(rig.close(), 0);
  });
});

describe('who is registered', () => {
  it('is one address a user, of no more users than there is room for, and is forgotten in time', () => {
    const clock = new VirtualClock();
    const changes: string[] = [];
    const bindings = new IaxBindings(clock, ({ username }, change) => {
      if (username === 'u1' || username === 'one more') changes.push(`${username} ${change}`);
    });
    const here = { host: '127.0.0.1', port: 4569 };
    for (let user = 0; user < 10_000; user += 1) assert.ok(bindings.set(`u${user}`, here, 60_000));
    assert.ok(!bindings.set('one more', here, 60_000));
    assert.ok(bindings.set('u1', { ...here, port: 4570 }, 60_000));
    clock.advance(60_000);
    assert.deepEqual([changes, bindings.all.length, clock.pendingTimers], [['u1 added', 'u1 moved', 'u1 expired'], 0, 0]);
    assert.ok(bindings.set('one more', here, 60_000));
    bindings.clear();
    assert.equal(clock.pendingTimers, 0);
  });
});

describe('what neither side of a registration can follow', () => {
  it('is answered with UNSUPPORT, but never an UNSUPPORT with another', () => {
    const rig = new IaxRig();
    const registrar = rig.endpoint(2, { registrar: { access }, requiresToken: () => false });
    const stranger = rig.stranger(1);
    const header = { sourceCall: 7, destinationCall: 0, timestamp: 1, outgoingSequence: 0, incomingSequence: 0 };
    stranger.send(registrar, buildCommand(header, 'REGREQ', { username: 'alice' }));
    rig.run(10);
    const known = { ...header, destinationCall: stranger.last.sourceCall };
    stranger.send(registrar, buildCommand({ ...known, outgoingSequence: 1, incomingSequence: 1 }, 'PAGE'));
    rig.run(10);
    assert.deepEqual([stranger.last.title, stranger.last.element('iaxUnknown')], ['UNSUPPORT', 31]);
    stranger.send(registrar, buildCommand({ ...known, outgoingSequence: 2, incomingSequence: 2 }, 'UNSUPPORT', { iaxUnknown: 33 }));
    rig.run(10);
    assert.equal(stranger.last.title, 'ACK');
    assert.equal(rig.close(), 0);
  });
});

describe('what a registration sends', () => {
  it('is what a real client sent to a real registrar, but for numbers and times', () => {
    const real = decodeFrame(Buffer.from('83e90000000000010000060d0605616c6963651302003c3600', 'hex')) as FullFrame;
    const rig = new IaxRig();
    const registrar = rig.stranger(2);
    rig.endpoint(1).endpoint.register(registrar.address, { username: 'alice', secret: 's3cret', refresh: 60 });
    rig.run(5);
    assert.deepEqual([...registrar.last.data], [...real.data]);
  });

  it('answers a real challenge with the real digest', () => {
    const rig = new IaxRig();
    const registrar = rig.stranger(2);
    const alice = rig.endpoint(1);
    alice.endpoint.register(registrar.address, { username: 'alice', secret: 's3cret', refresh: 60 });
    rig.run(5);
    const { sourceCall } = registrar.last;
    const header = { sourceCall: 44_916 & 0x7fff, destinationCall: sourceCall, timestamp: 17, outgoingSequence: 0, incomingSequence: 1 };
    registrar.send(alice, buildCommand(header, 'REGAUTH', { authMethods: 2, challenge: '126113940', username: 'alice' }));
    rig.run(5);
    assert.equal(registrar.last.element('md5Result'), '2f6d9bd1112225d806708ddfbe10cb38');
    assert.deepEqual([registrar.last.outgoingSequence, registrar.last.incomingSequence], [1, 1]);
    assert.equal(rig.close(), 0);
  });
});

describe('the table of a registration', () => {
  it('knows no step from events that mean nothing', () => {
    assert.equal(stepRegistration('unregistered', { is: 'granted', refresh: 60 }), undefined);
    assert.equal(stepRegistration('registered', { is: 'refused' }), undefined);
    assert.equal(stepRegistration('unregistered', { is: 'release' }), undefined);
    assert.equal(stepRegistration('registering', { is: 'due' }), undefined);
  });

  it('waits longer each time that nobody answers, up to five minutes', () => {
    const pauses = [0, 1, 2, 3, 9].map((failures) => stepRegistration('registering', { is: 'unanswered', failures })?.actions);
    assert.deepEqual(pauses.map((actions) => actions?.map((action) => ('after' in action ? action.after : action.do))), [[10_000], [20_000], [40_000], [80_000], [300_000]]);
  });
});
