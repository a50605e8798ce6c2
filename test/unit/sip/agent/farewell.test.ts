import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainSdp } from '../../../support/scripted-peer';
import { AgentRig, nothing } from '../../../support/sip-agents';

test('a BYE that a later request has overtaken goes out again with the next number, and not for ever', () => {
  const rig = new AgentRig();
  const alice = rig.add('alice');
  const peer = rig.addPeer('peer');
  const call = alice.call(peer);
  rig.clock.advance(10);
  peer.respond(peer.last('INVITE'), 200, { headers: [peer.contact], body: plainSdp() });
  rig.clock.advance(10);
  const numbers: number[] = [];
  peer.onMessage = (message) => {
    if (message.kind !== 'request' || message.method !== 'BYE') return;
    numbers.push(message.cseq.sequence);
    peer.respond(message, 500);
  };
  call.hangUp();
  rig.clock.advance(1_000);
  const [first = 0] = numbers;
  assert.deepEqual(numbers, [first, first + 1, first + 2]);
  assert.equal(call.state, 'ended');
  assert.deepEqual(rig.end(), nothing);
});
