import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelOf } from '../../../src/ladder';
import { callOfMessage, chosenBy, transferOfMessage } from '../../../src/vscode/trees/chosen';
import { callNodes, detailNodes, endedNodes, phoneNodes, transferNodes } from '../../../src/vscode/trees/nodes';
import { type LabRig, startLab } from '../../support/lab-rig';

/** What a call's row of a phone stands for: the labels of its messages. */
function labelsOf(rig: LabRig, phone: string, peer: string): readonly string[] {
  const { trace } = rig.lab;
  const node = callNodesOf(rig, phone).find(({ info }) => info.peer === peer);
  assert.ok(node !== undefined, `${phone} has a call with ${peer}`);
  return chosenBy(node, trace).messages.map((id) => labelOf(trace.message(id)!));
}

function callNodesOf(rig: LabRig, phone: string): ReturnType<typeof endedNodes> {
  const node = phoneNodes(rig.lab).find((one) => one.phone === phone)!;
  return callNodes(node).flatMap((one) => (one.kind === 'ended' ? endedNodes(one) : [one]));
}

function find(rig: LabRig, label: RegExp): string {
  return rig.lab.trace.messages.find((message) => label.test(labelOf(message)))?.id ?? assert.fail(String(label));
}

async function blindlyTransferred(): Promise<LabRig> {
  const rig = await startLab();
  await rig.connect('alice', 'bob');
  const begun = rig.begin('bob transfer alice to charlie');
  await rig.reaches('charlie', 'incoming');
  await rig.do('charlie answer');
  await rig.world.drive(begun);
  await rig.until(() => rig.lab.trace.transfers[0]?.verdict === 'success', 'it succeeds');
  return rig;
}

describe('what is chosen in a tree', () => {
  it('a call stands for its messages, for either of its phones', async () => {
    const rig = await blindlyTransferred();
    const labels = labelsOf(rig, 'charlie', 'alice');
    assert.equal(labels[0], 'INVITE charlie (Referred-By bob)');
    assert.ok(labels.every((label) => !/REFER|NOTIFY/.test(label)), labels.join());
    assert.deepEqual(labelsOf(rig, 'alice', 'charlie'), labels);
    assert.ok(labelsOf(rig, 'bob', 'alice').some((label) => label.startsWith('REFER')));
    await rig.end();
  });

  it('a transfer stands for its messages; what stands below it, for its message or its call', async () => {
    const rig = await blindlyTransferred();
    const { trace } = rig.lab;
    const [node] = transferNodes(trace.transfers);
    assert.ok(node !== undefined);
    assert.deepEqual(chosenBy(node, trace), { messages: node.transfer.messages, lanes: [], first: node.message });
    const details = detailNodes(node);
    const call = details.find(({ label }) => label.startsWith('New call'))!;
    assert.deepEqual(chosenBy(call, trace).messages.map((id) => labelOf(trace.message(id)!)), labelsOf(rig, 'charlie', 'alice'));
    assert.equal(chosenBy(call, trace).first, find(rig, /^INVITE charlie/));
    const progress = details.find(({ label }) => label.startsWith('Progress: 180'))!;
    assert.deepEqual(chosenBy(progress, trace), { messages: node.transfer.messages, lanes: [], first: find(rig, /^NOTIFY 180/) });
    await rig.end();
  });

  it('a phone stands for its lane', async () => {
    const rig = await blindlyTransferred();
    const { trace } = rig.lab;
    const chosen = chosenBy(phoneNodes(rig.lab)[1]!, trace);
    assert.deepEqual(chosen.lanes.map((id) => trace.participants.find((one) => one.id === id)?.name), ['bob']);
    assert.deepEqual([chosen.messages, chosen.first], [[], undefined]);
    await rig.end();
  });

  it('a message leads to its call, as its sender has it, and to its transfer', async () => {
    const rig = await blindlyTransferred();
    const { trace, phones } = rig.lab;
    const at = (label: RegExp): readonly [string | undefined, string | undefined] => {
      const message = trace.message(find(rig, label))!;
      return [callOfMessage(message, trace, phones)?.info.phone, transferOfMessage(message)?.transfer.id];
    };
    assert.deepEqual(at(/^INVITE bob/), ['alice', undefined]);
    assert.deepEqual(at(/^REFER/), ['bob', 'x1']);
    assert.deepEqual(at(/^INVITE charlie/), ['alice', 'x1']);
    await rig.end();
  });

  it('a call of IAX2 stands for all that a native transfer made of it', async () => {
    const iax = Object.fromEntries(['alice', 'bob', 'charlie'].map((name) => [name, { protocol: 'iax2' as const }]));
    const rig = await startLab(iax);
    await rig.connect('alice', 'bob');
    await rig.do('bob consult charlie');
    await rig.reaches('charlie', 'incoming');
    await rig.do('charlie answer');
    await rig.hears('bob', 'charlie');
    await rig.do('bob attended-transfer alice to charlie');
    await rig.hears('alice', 'charlie');
    const alices = labelsOf(rig, 'alice', 'charlie');
    assert.match(alices[0] ?? '', /^NEW bob/);
    assert.ok(alices.some((label) => label.startsWith('TXREL')), alices.join());
    assert.match(labelsOf(rig, 'charlie', 'alice')[0] ?? '', /^NEW charlie/);
    const txrel = rig.lab.trace.message(find(rig, /^TXREL/))!;
    const { trace, phones } = rig.lab;
    assert.equal(transferOfMessage(txrel)?.transfer.kind, 'native');
    assert.ok(callOfMessage(txrel, trace, phones) !== undefined);
    await rig.end();
  });
});
