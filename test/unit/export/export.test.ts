import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCapture } from '../../../src/capture';
import { escapeMarkdown, type ExportScope, NoSuchPart, toHtml, toMarkdown, toMmd } from '../../../src/export';
import { TraceModel } from '../../../src/trace';
import { hostileText } from '../../support/hostile-text';
import { CallScript, simple } from '../trace/call-script';
import { attendedTransfer } from '../trace/transfers';

const all: ExportScope = { kind: 'all' };

function source(model: TraceModel, scope: ExportScope = all) {
  return { model, title: 'attended.pcap', scope };
}

function captured(name: string): TraceModel {
  return TraceModel.from(readCapture(readFileSync(join(__dirname, '../../fixtures/captures', `${name}.pcap`))).packets);
}

test('of a call only its own arrows, of a transfer those of all its calls, of a selection what was selected', () => {
  const model = attendedTransfer().captured();
  const arrows = (scope: ExportScope): number => toMmd(source(model, scope), 'ladder').match(/->>/g)?.length ?? 0;
  assert.equal(arrows(all), model.messages.length);
  const calls = model.calls.map(({ id }) => arrows({ kind: 'call', id }));
  assert.deepEqual(calls, model.calls.map((call) => model.messages.filter((message) => message.call === call).length));
  assert.equal(arrows({ kind: 'transfer', id: 'x1' }), model.messages.length);
  assert.equal(arrows({ kind: 'messages', ids: new Set(['m3', 'm5']) }), 2);
});

test('says what is not there, of a trace that has forgotten its beginning', () => {
  const model = attendedTransfer().captured();
  const forms = (scope: ExportScope): readonly string[] => [toMmd(source(model, scope), 'ladder'), toMarkdown(source(model, scope)), toHtml(source(model, scope))];
  for (const text of forms(all)) assert.doesNotMatch(text, /not in it/u);
  model.forget(8);
  for (const text of forms(all)) assert.match(text, /The 8 messages before these are not in it\./u);
  for (const text of forms({ kind: 'call', id: 'c1' })) assert.match(text, /Its first messages are not in it\./u);
  for (const text of forms({ kind: 'call', id: 'c3' })) assert.doesNotMatch(text, /not in it/u);
});

test('says which parts there are when there is no such one', () => {
  const model = attendedTransfer().captured();
  assert.throws(() => toMmd(source(model, { kind: 'call', id: 'c9' }), 'ladder'), new NoSuchPart('There is no call "c9"; there is c1, c2, c3.'));
  assert.throws(() => toMmd(source(new TraceModel(), { kind: 'transfer', id: 'x1' }), 'ladder'), new NoSuchPart('There is no transfer "x1"; there is none.'));
  assert.throws(() => toMmd(source(new TraceModel()), 'transfer'), NoSuchPart);
});

test('each kind of diagram is one whole file of Mermaid', () => {
  const model = captured('sip-direct-attended');
  assert.match(toMmd(source(model), 'ladder'), /^sequenceDiagram\n/);
  assert.match(toMmd(source(model), 'map'), /^flowchart LR\n/);
  assert.match(toMmd(source(model), 'transfer'), /^stateDiagram-v2\n/);
});

test('Markdown tells the verdict, and holds each picture in a block of its own', () => {
  const text = toMarkdown(source(captured('sip-direct-attended')));
  assert.match(text, /^## attended\\\.pcap\n\n- \*\*Attended transfer\\, Bob gives Alice to Charlie\\: success\*\*\\?: Alice talks to Charlie/);
  assert.deepEqual(text.match(/^```\w*\n\w+/gm), ['```mermaid\nsequenceDiagram', '```mermaid\nstateDiagram', '```mermaid\nflowchart']);
  assert.equal(text.match(/^```$/gm)?.length, 3);
});

test('no text begins anything in Markdown', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const escaped = escapeMarkdown(text);
      assert.doesNotMatch(escaped, /[^\P{C}]/u);
      assert.doesNotMatch(escaped.replace(/\\[!-/:-@[-`{-~]/g, ''), /[!-/:-@[-`{-~]/);
    }),
  );
});

test('a secret is in none of them', () => {
  const script = new CallScript();
  const dialog = script.dialog('alice', 'bob', 'd1');
  simple(dialog, 'alice', 'REGISTER', { headers: [['Authorization', 'Digest username="alice", response="5ec4e7"'], ['Contact', '<sip:alice:5ec4e7@127.0.0.11>']] });
  dialog.request('alice', 'INVITE', { uri: 'sip:bob:5ec4e7@127.0.0.12' });
  const model = script.captured();
  for (const text of [toMmd(source(model), 'ladder'), toMmd(source(model), 'map'), toMarkdown(source(model)), toHtml(source(model))]) {
    assert.doesNotMatch(text, /5ec4e7/);
  }
  assert.match(toHtml(source(model)), /username=&quot;alice&quot;, response=&quot;\*\*\*&quot;/);
});
