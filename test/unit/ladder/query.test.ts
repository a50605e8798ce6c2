import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseQuery, readQuery } from '../../../src/ladder';
import { type TraceModel } from '../../../src/trace';
import { Secretary } from '../trace/iax/frame-script';
import { blindTransfer } from '../trace/transfers';

/** Numbers of the messages that a query finds. */
function found(text: string, model: TraceModel): readonly number[] {
  const query = parseQuery(text, model);
  return model.messages.filter((message) => query?.matches(message) === true).map(({ index }) => index + 1);
}

const wrong = (text: string): readonly string[] => readQuery(text).problems.map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);

describe('a query', () => {
  const model = blindTransfer().live();
  const refer = model.messages.findIndex(({ sip }) => sip?.kind === 'request' && sip.method === 'REFER') + 1;

  it('finds words in the label and in the whole text, in any case', () => {
    assert.deepEqual(found('refer method:refer from:bob', model), [refer]);
    assert.deepEqual(found('refer-to: method:REFER', model), [refer]);
  });

  it('takes what begins with a quotation mark as words, whatever it looks like', () => {
    assert.deepEqual(found('"method:REFER"', model), []);
    assert.deepEqual(found('-"no such words" method:REFER from:bob', model), [refer]);
    assert.deepEqual(found('from:"bob" "refer"  method:refer', model), [refer]);
  });

  it('asks for nothing when nothing can be understood', () => {
    for (const text of ['', '  ', '-', '""', 'status:', 'status:busy', 'call:alice']) assert.equal(parseQuery(text, model), undefined, text);
  });

  it('leaves out what cannot be understood, and says where that is', () => {
    assert.deepEqual(found('method:REFER from:bob status:', model), [refer]);
    assert.deepEqual(wrong('bob status:'), ['no-value status:']);
    assert.deepEqual(wrong('-status:4y bob'), ['no-status status:4y']);
    assert.deepEqual(wrong('call:bob dialog:d1 transfer:c1'), ['no-id call:bob', 'no-id transfer:c1']);
    assert.deepEqual(wrong('lane:"my pbx'), ['open-quote "my pbx']);
    assert.deepEqual(wrong('form:alice metod:REFER mehtod:x sip:bob Via: tag:x 12:30 lanes:b'), ['slip form', 'slip metod', 'slip mehtod', 'slip lanes']);
    assert.deepEqual(wrong('REFER status:4XX status:486 call:c1 transfer:x2 "a b" -OPTIONS'), []);
  });

  it('finds words besides those of messages, and no fields in them', () => {
    const query = parseQuery('charlie -busy', model);
    assert.equal(query?.matchesWords('Alice talks to Charlie'), true);
    assert.equal(query.matchesWords('Charlie was busy'), false);
    assert.equal(parseQuery('from:alice', model)?.matchesWords('from:alice'), false);
  });

  it('finds what stands in a row besides its message', () => {
    const query = parseQuery('t3', model);
    const [message] = model.messages;
    assert.ok(query !== undefined && message !== undefined);
    assert.equal(query.matches(message), false);
    assert.equal(query.matches(message, 'T3: the subscription never ends'), true);
  });

  it('finds what the elements of a frame say', () => {
    const iax = new Secretary().request().script.model();
    assert.deepEqual(found('"apparent addr" txreq', iax), found('method:TXREQ', iax));
    assert.ok(found('method:TXREQ', iax).length > 0);
  });

  it('has a meaning for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { problems } = readQuery(text);
        for (const { start, end } of problems) assert.ok(start >= 0 && start < end && end <= text.length);
        parseQuery(text, model)?.matches(model.messages[0]!);
      }),
    );
  });
});
