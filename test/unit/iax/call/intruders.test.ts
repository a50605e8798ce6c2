import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCommand, type CommandName, type ElementValues } from '../../../../src/iax';
import { md5Result } from '../../../../src/iax/authentication';
import { IaxRig, type RigEndpoint, type Stranger } from '../../../support/iax-rig';

/** Somebody without the secret, who writes frames as he likes. */
class Intruder {
  readonly rig = new IaxRig();
  readonly ours: RigEndpoint;
  readonly stranger: Stranger = this.rig.stranger(66);
  #o = 1;

  constructor() {
    this.ours = this.rig.endpoint(2, { access: { secretOf: (username) => (username === 'alice' ? 's3cret' : undefined) }, requiresToken: () => false });
    const header = { sourceCall: 7, destinationCall: 0, timestamp: 1, outgoingSequence: 0, incomingSequence: 0 };
    this.stranger.send(this.ours, buildCommand(header, 'NEW', { calledNumber: '100', username: 'alice', format: 4 }));
    this.rig.run(10);
    assert.equal(this.stranger.last.title, 'AUTHREQ');
  }

  send(command: CommandName, elements: ElementValues = {}): string {
    const destinationCall = this.stranger.frames[0]!.sourceCall;
    const header = { sourceCall: 7, destinationCall, timestamp: 2, outgoingSequence: this.#o, incomingSequence: 1 };
    this.#o += 1;
    this.stranger.send(this.ours, buildCommand(header, command, elements));
    this.rig.run(10);
    return this.stranger.last.title;
  }

  /** Nobody was told of a call, and nothing is left. */
  close(): void {
    assert.equal(this.ours.incoming.length, 0);
    assert.equal(this.rig.close(), 0);
  }
}

describe('a caller without the secret', () => {
  it('is not let in with an answer that he has overheard, by setting the challenge that it belongs to', () => {
    const intruder = new Intruder();
    const overheard = { challenge: '198434038', md5Result: md5Result('198434038', 's3cret') };
    assert.equal(intruder.send('AUTHREQ', { authMethods: 2, challenge: overheard.challenge }), 'ACK');
    assert.equal(intruder.send('AUTHREP', { md5Result: overheard.md5Result }), 'REJECT');
    intruder.close();
  });

  it('has one answer, and not a second one', () => {
    const intruder = new Intruder();
    const { challenge } = { challenge: intruder.stranger.last.element('challenge')! };
    assert.equal(intruder.send('AUTHREP', { md5Result: 'no' }), 'REJECT');
    assert.equal(intruder.stranger.last.element('causeCode'), 50);
    intruder.send('AUTHREP', { md5Result: md5Result(challenge, 's3cret') });
    intruder.close();
  });

  it('is not let in with a plain password', () => {
    const intruder = new Intruder();
    assert.equal(intruder.send('AUTHREP', { password: 's3cret' }), 'REJECT');
    intruder.close();
  });

  it('cannot accept or answer his own call, hold it, type, or speak in it', () => {
    const intruder = new Intruder();
    for (const command of ['ACCEPT', 'QUELCH', 'TRANSFER', 'TXREQ'] as const) intruder.send(command, { format: 4, calledNumber: '1' });
    const [call] = intruder.ours.endpoint.calls;
    assert.deepEqual([call?.state, call?.isQuelched, call?.isHeld, call?.isAccepted], ['authenticating', false, false, false]);
    intruder.close();
  });

  it('who says nothing more is given up after half a minute and a little', () => {
    const intruder = new Intruder();
    intruder.send('ACK');
    intruder.rig.run(34_000);
    assert.equal(intruder.ours.endpoint.footprint.live, 1);
    intruder.rig.run(1_500);
    assert.ok(intruder.stranger.frames.some(({ title }) => title === 'REJECT'));
    intruder.rig.run(60_000);
    assert.equal(intruder.ours.endpoint.footprint.legs, 0);
    intruder.close();
  });
});

describe('a callee that asks for ever', () => {
  it('gets three answers and no more', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const stranger = rig.stranger(2);
    const call = alice.call(stranger, { username: 'alice', secret: 's3cret' });
    rig.run(10);
    const { sourceCall } = stranger.last;
    for (let asked = 0; asked < 6; asked += 1) {
      const header = { sourceCall: 9, destinationCall: sourceCall, timestamp: 5, outgoingSequence: asked, incomingSequence: asked + 1 };
      stranger.send(alice, buildCommand(header, 'AUTHREQ', { authMethods: 2, challenge: `c${asked}` }));
      rig.run(10);
    }
    assert.equal(stranger.frames.filter(({ title }) => title === 'AUTHREP').length, 3);
    assert.equal(call.state, 'ended');
    assert.equal(rig.close(), 0);
  });

  it('gets none for a plain password or RSA, though we have a secret', () => {
    for (const authMethods of [1, 4, 5, 0]) {
      const rig = new IaxRig();
      const alice = rig.endpoint(1);
      const stranger = rig.stranger(2);
      const call = alice.call(stranger, { username: 'alice', secret: 's3cret' });
      rig.run(10);
      const header = { sourceCall: 9, destinationCall: stranger.last.sourceCall, timestamp: 5, outgoingSequence: 0, incomingSequence: 1 };
      stranger.send(alice, buildCommand(header, 'AUTHREQ', { authMethods, challenge: 'c' }));
      rig.run(10);
      assert.deepEqual([stranger.last.title, call.state], ['REJECT', 'ended']);
      assert.ok(!stranger.frames.some(({ bytes }) => Buffer.from(bytes).includes('s3cret')));
      assert.equal(rig.close(), 0);
    }
  });
});
