import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCapture } from '../../../../src/capture';
import { buildDialogMap, type DialogMap, mapToMermaid } from '../../../../src/ladder';
import { formatAddress } from '../../../../src/net';
import { TraceModel } from '../../../../src/trace';
import { addresses, answeredCall, CallScript, reinvite, simple } from '../../trace/call-script';
import { attendedTransfer, blindTransfer } from '../../trace/transfers';

const phones = (['alice', 'bob', 'charlie'] as const).map((name) => ({ name, addresses: [formatAddress(addresses[name])] }));

/** Who is connected to whom, in words: `alice-bob: talking`. */
function said({ nodes, links }: DialogMap): readonly string[] {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return links.filter(({ state }) => state !== 'past').map(({ from, to, label }) => `${names.get(from)}-${names.get(to)}: ${label}`);
}

/** The map after each packet of a script. */
function steps(script: CallScript): readonly DialogMap[] {
  const model = new TraceModel();
  return script.journal.entries.map((entry) => {
    model.feed(entry);
    return buildDialogMap(model, { phones });
  });
}

test('shows the phones of the lab before they have said a word', () => {
  assert.equal(mapToMermaid(buildDialogMap(new TraceModel(), { phones })), 'flowchart LR\n  n0(["alice"])\n  n1(["bob"])\n  n2(["charlie"])\n');
});

test('a call is there from the INVITE to the BYE: who calls, who rings, who talks, who holds', () => {
  const script = new CallScript();
  const call = script.dialog('alice', 'bob', 'd1');
  const invite = call.request('alice', 'INVITE', { sdp: 'sendrecv' });
  call.respond(invite, 180, 'Ringing');
  call.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
  call.follow(invite, 'ACK');
  reinvite(call, 'bob', 'sendonly', 'recvonly');
  reinvite(call, 'alice', 'inactive', 'inactive');
  simple(call, 'bob', 'BYE');
  const seen = steps(script).map((map) => said(map).join());
  assert.deepEqual(
    seen.filter((text, index) => text !== seen[index - 1]),
    ['alice-bob: alice calls', 'alice-bob: bob rings', 'alice-bob: talking', 'alice-bob: bob holds', 'alice-bob: both hold', ''],
  );
});

test('after an attended transfer the two are connected that were to be', () => {
  const all = steps(attendedTransfer());
  assert.deepEqual(said(all.at(-1) ?? buildDialogMap(new TraceModel())), ['alice-charlie: talking']);
  assert.ok(all.some((map) => said(map).join() === 'alice-bob: bob holds,bob-charlie: talking'));
});

test('ids and order stay, and what was connected keeps its place, whatever comes and goes', () => {
  const all = steps(attendedTransfer());
  const ids = all[0]?.nodes.map(({ id }) => id);
  const pairs = new Set<string>();
  for (const map of all) {
    assert.deepEqual(map.nodes.map(({ id }) => id), ids);
    const here = new Set(map.links.map(({ from, to }) => [from, to].sort().join(' ')));
    for (const pair of pairs) assert.ok(here.has(pair), `${pair} has lost its place`);
    for (const pair of here) pairs.add(pair);
    // Whoever calls whom, a link goes from the earlier place to the later.
    for (const [, left = '', right = ''] of mapToMermaid(map).matchAll(/^ {2}(n\d) .* (n\d)$/gm)) assert.ok(left <= right);
  }
  assert.deepEqual([...pairs], ['n0 n1', 'n1 n2', 'n0 n2']);
});

test("a stranger's capture: the parties in order of appearance", () => {
  const script = new CallScript();
  answeredCall(script, 'charlie', 'alice', 'd1');
  const map = buildDialogMap(script.captured());
  assert.deepEqual(map.nodes.map(({ id, name, phone }) => [id, name, phone]), [['p0', 'charlie', ''], ['p1', 'alice', '']]);
  assert.match(mapToMermaid(map), /^ {2}p0 c1@===\|"talking"\| p1$/m);
});

test('through a PBX: which two calls a bridge joins, and nothing of it once a call was transferred', () => {
  const model = new TraceModel();
  const seen = new Set<string>();
  const start = { at: undefined as number | undefined };
  for (const packet of readCapture(readFileSync(join(__dirname, '../../../fixtures/captures/sip-pbx-attended.pcap'))).packets) {
    start.at ??= packet.at;
    model.feedPacket({ ...packet, at: packet.at - start.at });
    for (const link of buildDialogMap(model).links) if (link.bridge !== '') seen.add(link.label);
  }
  assert.deepEqual([...seen], ['talking, bridge 1', 'bob holds, bridge 1', 'talking, bridge 2', 'bob holds, bridge 2']);
  assert.ok(buildDialogMap(model).nodes.some(({ isServer }) => isServer));
});

test('of very many parties those without a call are left out first', () => {
  const script = blindTransfer();
  const model = script.live();
  const map = buildDialogMap(model, { phones: [...['x1', 'x2', 'x3'].map((name) => ({ name, addresses: [] })), ...phones], limit: 3 });
  assert.deepEqual([map.nodes.map(({ name }) => name), map.hidden], [['x1', 'alice', 'charlie'], 3]);
  assert.deepEqual(said(map), ['alice-charlie: talking']);
});

test('after very many calls only those of late keep their places, and no live one is forgotten', () => {
  const script = new CallScript();
  answeredCall(script, 'alice', 'bob', 'live');
  const model = script.captured();
  const [live] = model.calls;
  assert.ok(live !== undefined);
  const ended = Array.from({ length: 600 }, (_, index) => ({ ...live, id: `e${index}`, caller: live.caller, callee: live.callee, invite: live.invite, held: live.held, transfers: [], state: 'ended' as const }));
  const map = buildDialogMap({ calls: [live, ...ended], participants: model.participants, findParticipant: (address) => model.findParticipant(address) });
  assert.deepEqual(said(map), ['alice-bob: talking']);
});
