import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type DialogInfo, DialogInfoError, formatDialogInfo, type ObservedDialog, parseDialogInfo, PublishedDialogs, WatchedDialogs } from '../../../../src/sip';

const head = '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" state="full" entity="sip:bob@127.0.0.1">';

function read(text: string): DialogInfo {
  return parseDialogInfo(new TextEncoder().encode(text));
}

const ringing: ObservedDialog = {
  id: 'call-1',
  callId: 'a@b',
  localTag: 'b1',
  remoteTag: 'a1',
  direction: 'recipient',
  phase: 'early',
  replaces: { callId: 'x@y', localTag: 'b0', remoteTag: 'c0' },
  referredBy: { identity: 'sip:dave@127.0.0.1', displayName: 'Dave' },
  local: { identity: 'sip:bob@127.0.0.1', target: 'sip:bob@127.0.0.1:5062' },
  remote: { identity: 'sip:alice@127.0.0.1', displayName: 'Alice & "Co" <x>', target: 'sip:alice@127.0.0.1:5061' },
};

describe('a dialog-info document', () => {
  test('is read as it was written', () => {
    const info: DialogInfo = {
      version: 7,
      state: 'partial',
      entity: 'sip:bob@127.0.0.1',
      dialogs: [ringing, { id: 'call-2', phase: 'terminated', event: 'rejected', code: 486 }],
    };
    assert.deepEqual(read(formatDialogInfo(info)), info);
  });

  test('keeps any text, but for what no XML may contain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const name = `|${text}|`;
        const [dialog] = read(formatDialogInfo({ version: 0, state: 'full', entity: 'e', dialogs: [{ ...ringing, callId: name }] })).dialogs;
        assert.equal(dialog?.callId, name.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd'));
      }),
    );
  });

  test('of a PBX is read, with what it leaves out', () => {
    const file = path.resolve(__dirname, '../../../fixtures/captures/dialog-info/asterisk-bodies.xml.txt');
    const documents = readFileSync(file, 'utf8').split(/(?=<\?xml)/u).filter((text) => text.trim() !== '').map((text) => read(text.trim()));
    assert.deepEqual(documents.map(({ version, dialogs: [dialog] }) => [version, dialog?.phase]).slice(0, 4), [[0, 'terminated'], [1, 'early'], [2, 'terminated'], [3, 'confirmed']]);
    const early = documents[1]?.dialogs[0];
    assert.deepEqual([early?.direction, early?.callId, early?.remote], ['recipient', undefined, { identity: 'sip:101@127.0.0.1', displayName: 'Alice', target: 'sip:101@127.0.0.1' }]);
  });

  test('may have elements, attributes and events that nobody knows', () => {
    const text = `${head}<x:y xmlns:x="urn:x"><dialog id="no"><state>early</state></dialog></x:y><dialog id="1" x="y"><state event="beamed" code="abc">early</state><duration>3</duration><sla>1</sla></dialog></dialog-info>`;
    assert.deepEqual(read(text).dialogs, [{ id: '1', phase: 'early' }]);
  });

  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['a document type with entities', `<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;">]>${head}</dialog-info>`, /document type/iu],
    ['an entity of its own', `${head}<dialog id="&bomb;"><state>early</state></dialog></dialog-info>`, /line 1/u],
    ['no document', '', /line 1/u],
    ['another document', '<presence/>', /not a dialog-info/u],
    ['no version', head.replace(' version="0"', '') + '</dialog-info>', /no version/u],
    ['a version that is no number', head.replace('"0"', '"-1"') + '</dialog-info>', /"-1" is no version/u],
    ['a state that is neither', head.replace('full', 'whole') + '</dialog-info>', /"whole"/u],
    ['no id', `${head}\n<dialog><state>early</state></dialog></dialog-info>`, /no id \(line 2/u],
    ['one id twice', `${head}<dialog id="1"><state>early</state></dialog><dialog id="1"><state>early</state></dialog></dialog-info>`, /two dialogs/u],
    ['no state', `${head}<dialog id="1"></dialog></dialog-info>`, /has no state/u],
    ['an unknown state', `${head}<dialog id="1"><state>singing</state></dialog></dialog-info>`, /"singing"/u],
    ['an unknown direction', `${head}<dialog id="1" direction="up"><state>early</state></dialog></dialog-info>`, /"up"/u],
    ['an element that does not end', `${head}<dialog id="1">`, /line 1/u],
    ['elements that are nested for ever', head + '<a>'.repeat(40), /too deep/u],
    ['a text that does not end', `${head}<dialog id="1"><state>${'x'.repeat(3_000)}</state></dialog></dialog-info>`, /too long/u],
    ['too many dialogs', head + Array.from({ length: 501 }, (_, index) => `<dialog id="${String(index)}"><state>early</state></dialog>`).join('') + '</dialog-info>', /more than 500/u],
    ['more octets than anybody needs', `${head}${' '.repeat(70_000)}</dialog-info>`, /65536/u],
  ];
  for (const [what, text, why] of bad) {
    test(`is refused, with the place: ${what}`, () => {
      assert.throws(() => read(text), (error: unknown) => error instanceof DialogInfoError && why.test(error.message) && error.line >= 1 && error.column >= 1);
    });
  }

  test('is refused when it is not UTF-8', () => {
    assert.throws(() => parseDialogInfo(new Uint8Array([0x3c, 0xff, 0xfe])), DialogInfoError);
  });

  test('never throws anything but its own error, whatever is in it', () => {
    const whole = formatDialogInfo({ version: 1, state: 'full', entity: 'sip:x@y', dialogs: [ringing] });
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(20), fc.string({ unit: 'binary', maxLength: 10 }), (at, cut, put) => {
        try {
          read(whole.slice(0, at) + put + whole.slice(at + cut));
        } catch (error) {
          assert.ok(error instanceof DialogInfoError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the dialogs of somebody who is watched (RFC 4235 section 4.3)', () => {
  const info = (version: number, state: 'full' | 'partial', dialogs: readonly ObservedDialog[] = []): DialogInfo => ({ version, state, entity: 'sip:b@c', dialogs });
  const ids = (table: WatchedDialogs): string => table.dialogs.map(({ id, phase }) => `${id} ${phase}`).join(', ');
  const at = (id: string, phase: ObservedDialog['phase']): ObservedDialog => ({ id, phase });

  test('partial state changes what it tells of, and full state replaces all', () => {
    const table = new WatchedDialogs();
    assert.equal(table.apply(info(0, 'full', [at('1', 'early')])), 'applied');
    assert.equal(table.apply(info(1, 'partial', [at('2', 'trying')])), 'applied');
    assert.equal(ids(table), '1 early, 2 trying');
    assert.equal(table.apply(info(2, 'partial', [at('1', 'terminated')])), 'applied');
    assert.equal(ids(table), '2 trying');
    assert.equal(table.apply(info(3, 'full', [at('9', 'confirmed')])), 'applied');
    assert.equal(ids(table), '9 confirmed');
  });

  test('a lower or equal version is ignored', () => {
    const table = new WatchedDialogs();
    table.apply(info(4, 'full', [at('1', 'early')]));
    for (const version of [4, 3, 0]) assert.equal(table.apply(info(version, 'full')), 'ignored');
    assert.equal(ids(table), '1 early');
  });

  test('a gap asks for the full state, until it comes', () => {
    const table = new WatchedDialogs();
    table.apply(info(0, 'full', [at('1', 'early')]));
    assert.equal(table.apply(info(2, 'partial', [at('3', 'early')])), 'gap');
    assert.equal(table.apply(info(3, 'partial')), 'gap');
    assert.equal(table.apply(info(5, 'full', [at('4', 'early')])), 'applied');
    assert.equal(table.apply(info(6, 'partial', [at('5', 'early')])), 'applied');
    assert.equal(ids(table), '4 early, 5 early');
  });

  test('partial state before any full state is a gap', () => {
    assert.equal(new WatchedDialogs().apply(info(0, 'partial', [at('1', 'early')])), 'gap');
  });
});

describe('what a user agent tells of its dialogs', () => {
  const at = (id: string, phase: ObservedDialog['phase']): ObservedDialog => ({ id, phase });
  const told = (document: string): string => {
    const { version, state, dialogs } = read(document);
    return `${String(version)} ${state}: ${dialogs.map(({ id, phase }) => `${id} ${phase}`).join(', ')}`;
  };

  test('all of it first, then what is new, and of an end too', () => {
    const published = new PublishedDialogs('sip:bob@b');
    published.update(at('1', 'early'));
    const feed = published.openFeed();
    assert.equal(told(feed.next(true)), '0 full: 1 early');
    assert.equal(feed.isUpToDate, true);
    published.update(at('2', 'trying'));
    published.update(at('1', 'terminated'));
    assert.equal(feed.isUpToDate, false);
    assert.equal(told(feed.next(false)), '1 partial: 2 trying, 1 terminated');
    assert.equal(told(feed.next(true)), '2 full: 2 trying');
  });

  test('each watcher hears its own news, and a new one nothing of what is over', () => {
    const published = new PublishedDialogs('sip:bob@b');
    const early = published.openFeed();
    early.next(true);
    published.update(at('1', 'early'));
    published.update(at('1', 'terminated'));
    const late = published.openFeed();
    assert.equal(told(late.next(true)), '0 full: ');
    assert.equal(told(early.next(false)), '1 partial: 1 terminated');
  });

  test('what is no news is not told, nor a dialog that ends before anybody heard of it', () => {
    const published = new PublishedDialogs('sip:bob@b');
    assert.equal(published.update(at('1', 'terminated')), false);
    assert.equal(published.update(at('2', 'early')), true);
    assert.equal(published.update(at('2', 'early')), false);
  });

  test('ended dialogs are forgotten after a while, and who missed them gets the full state', () => {
    const published = new PublishedDialogs('sip:bob@b');
    const feed = published.openFeed();
    feed.next(true);
    for (let index = 0; index < 200; index += 1) {
      published.update(at(String(index), 'early'));
      published.update(at(String(index), 'terminated'));
    }
    published.update(at('x', 'early'));
    const { state, dialogs } = read(feed.next(false));
    assert.equal(state, 'full');
    assert.ok(dialogs.length <= 51 && dialogs.some(({ id }) => id === 'x'));
  });
});
