/**
 * Every kind of diagram in Mermaid as it comes, in a browser: whatever stands in a name or a label, the diagram is drawn,
 * shows that very text, and holds nothing that runs.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { readCapture } from '../../../src/capture';
import { buildDialogMap, buildLadder, escapeLabel, escapeMermaid, followTransfer, mapToMermaid, toMermaidFile, transferToMermaid, visible } from '../../../src/ladder';
import { TraceModel } from '../../../src/trace';
import { hostileText } from '../../support/hostile-text';
import { requirePeer } from '../../support/peers';
import { openPlainMermaid, type PlainMermaid } from '../../support/plain-mermaid';

const hostile = fc.oneof(
  hostileText,
  fc.constantFrom('ﬂ°°35¶ß', '#35;', '1. list', '- list', '> quote', '# heading', '*b* _i_ ~~s~~', 'fa:fa-car', '[x](javascript:alert(1))', '![x](y)', 'https://a.b www.a.b', '`md`', '$$x$$', '%%{init: {}}%%', 'end', '\\n', '@{ shape: x }', ':::class', '---', '==>', 'x'.repeat(300), 'עברית 😀 عربى'),
);

/** Of what is too long, or has no blank where a line must be broken, the beginning is enough: the rest is known to be cut. */
function solid(text: string): string {
  return text.replace(/\s+/gu, '').slice(0, 90);
}

function shownAs(text: string): string {
  return solid(visible(text).replace(/ﬂ(?=°)/g, 'U+FB02').replace(/¶(?=ß)/g, 'U+00B6'));
}

describe('plain Mermaid', requirePeer('chromium'), () => {
  let mermaid: PlainMermaid;

  before(async () => {
    mermaid = await openPlainMermaid();
  });

  after(async () => {
    await mermaid.close();
  });

  const samples = (): readonly string[] => fc.sample(hostile, 150).filter((text) => solid(visible(text)) !== '');

  test('any text as a label of a flowchart', async () => {
    const texts = samples();
    const drawn = await mermaid.draw(texts.map((text) => `flowchart LR\n  n0(["${escapeLabel(text)}"])\n  n1["after"]\n  n0 c1@===|"${escapeLabel(text)}"| n1\n`));
    drawn.forEach(({ labels, intruders, error }, index) => {
      const text = texts[index] ?? '';
      assert.equal(error, '', JSON.stringify(text));
      assert.deepEqual(labels.map(solid).sort(), [shownAs(text), shownAs(text), 'after'].sort(), JSON.stringify(text));
      assert.deepEqual(intruders, []);
    });
  });

  test('any text as a label of a state diagram', async () => {
    const texts = samples();
    const drawn = await mermaid.draw(texts.map((text) => `stateDiagram-v2\n  state "${escapeLabel(text)}" as a\n  state "after" as b\n  a --> b : ${escapeLabel(text)}\n`));
    drawn.forEach(({ labels, intruders, error }, index) => {
      const text = texts[index] ?? '';
      assert.equal(error, '', JSON.stringify(text));
      assert.deepEqual(labels.map(solid).sort(), [shownAs(text), shownAs(text), 'after'].sort(), JSON.stringify(text));
      assert.deepEqual(intruders, []);
    });
  });

  test('any text as a name, an arrow or a note of a ladder', async () => {
    const texts = samples();
    const drawn = await mermaid.draw(
      texts.map((text) => {
        const escaped = escapeMermaid(text);
        return `sequenceDiagram\n  participant p0 as ${escaped}\n  participant p1 as after\n  p0->>p1: ${escaped}\n  Note over p0,p1: ${escaped}\n`;
      }),
    );
    drawn.forEach(({ labels, intruders, error }, index) => {
      const text = texts[index] ?? '';
      assert.equal(error, '', JSON.stringify(text));
      const expected = solid(visible(text));
      // A name stands above its lifeline and below it.
      assert.equal(labels.filter((label) => solid(label) === expected).length, 4, `${JSON.stringify(text)} is shown as ${JSON.stringify(labels)}`);
      assert.deepEqual(intruders, []);
    });
  });

  test('two hundred parties with names of a thousand characters, from the right to the left as well', async () => {
    const model = new TraceModel();
    for (let index = 0; index < 100; index += 1) {
      const [from, to] = [`127.0.1.${index}`, `127.0.2.${index}`];
      const name = (['x', 'עברית', '😀', '<b>'][index % 4] ?? '').repeat(1_000 / 4);
      const text = `INVITE sip:bob@${to} SIP/2.0\r\nVia: SIP/2.0/UDP ${from}:5060;branch=z9hG4bK${index}\r\nFrom: <sip:${encodeURIComponent(name)}@${from}>;tag=f\r\nTo: <sip:bob@${to}>\r\nCall-ID: c${index}\r\nCSeq: 1 INVITE\r\nContact: <sip:${name}@${from}>\r\nContent-Length: 0\r\n\r\n`;
      model.feedPacket({ at: index, transport: 'udp', source: { host: from, port: 5060 }, destination: { host: to, port: 5060 }, bytes: Buffer.from(text) });
    }
    assert.equal(model.participants.length, 200);
    const map = buildDialogMap(model);
    assert.deepEqual([map.nodes.length, map.hidden], [40, 160]);
    const [drawn] = await mermaid.draw([mapToMermaid(map)]);
    assert.deepEqual([drawn?.error, drawn?.intruders], ['', []]);
    assert.equal(drawn?.labels.length, map.nodes.length + map.links.length);
    assert.equal(buildLadder(model).lanes.length, 200);
  });

  for (const name of ['captures/sip-direct-blind', 'captures/sip-direct-attended', 'captures/sip-direct-302', 'captures/sip-direct-pickup', 'captures/sip-pbx-attended', 'iax2/asterisk-native-transfer']) {
    test(`the three diagrams of a capture: ${name}`, async () => {
      const model = TraceModel.from(readCapture(readFileSync(join(__dirname, '../../fixtures', `${name}.pcap`))).packets);
      const [transfer] = model.transfers;
      assert.ok(transfer !== undefined);
      const ladder = buildLadder(model);
      const state = followTransfer(model, transfer);
      const map = buildDialogMap(model);
      const [one, two, three] = await mermaid.draw([toMermaidFile(ladder), mapToMermaid(map), transferToMermaid(state)]);
      assert.deepEqual([one?.error, two?.error, three?.error], ['', '', '']);
      assert.ok((one?.labels.length ?? 0) >= ladder.rows.length);
      assert.equal(two?.labels.length, map.nodes.length + map.links.filter(({ state: link }) => link !== 'past').length);
      assert.equal(three?.labels.length, state.states.length + state.transitions.filter(({ label }) => label !== '').length);
    });
  }
});
