import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCommand } from '../../../../src/iax';
import { IaxRig } from '../../../support/iax-rig';

describe('POKE', () => {
  it('finds out whether IAX2 is spoken somewhere, and how far away that is', () => {
    const rig = new IaxRig({ delay: [15, 15] });
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const answers: (number | undefined)[] = [];
    alice.endpoint.poke(bob.address, (roundTrip) => answers.push(roundTrip));
    alice.endpoint.poke({ host: '127.0.0.9', port: 4569 }, (roundTrip) => answers.push(roundTrip));
    rig.run(1_000);
    assert.deepEqual(answers, [30]);
    rig.run(60_000);
    assert.deepEqual(answers, [30, undefined]);
    assert.deepEqual([alice.endpoint.footprint.legs, bob.endpoint.footprint.legs], [0, 0]);
    assert.equal(rig.close(), 0);
  });

  it('takes the PONG of somebody who opened a call for it', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const stranger = rig.stranger(2);
    const answers: (number | undefined)[] = [];
    alice.endpoint.poke(stranger.address, (roundTrip) => answers.push(roundTrip));
    rig.run(5);
    const { sourceCall, timestamp } = stranger.last;
    stranger.send(alice, buildCommand({ sourceCall: 77, destinationCall: sourceCall, timestamp, outgoingSequence: 0, incomingSequence: 1 }, 'PONG'));
    rig.run(5);
    assert.equal(answers.length, 1);
    assert.equal(stranger.last.title, 'ACK');
    assert.equal(rig.close(), 0);
  });
});
