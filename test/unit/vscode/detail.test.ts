import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followTrace } from '../../../src/capture';
import { VirtualClock } from '../../../src/core';
import { Journal, TraceModel } from '../../../src/trace';
import { DetailedTraceText, type TraceDetail, traceDetails } from '../../../src/vscode/trace-editor/detail';

/** The comment lines of a live trace in which one of everything happened. */
function commentsOf(detail: TraceDetail): readonly string[] {
  const journal = new Journal({ clock: new VirtualClock(), startedAt: new Date(0) });
  const text = new DetailedTraceText(journal.startedAt, detail);
  followTrace(TraceModel.read(journal), journal, text, () => undefined);
  journal.append({ kind: 'verb', owner: 'alice', text: 'alice place bob', outcome: 'started', detail: '' });
  journal.append({ kind: 'state', owner: 'alice', machine: 'call', id: 'c1', from: 'calling', to: 'ringing', why: '' });
  journal.append({ kind: 'timer', owner: 'alice', timer: 'A', id: 't1', action: 'set', delay: 500 });
  journal.append({ kind: 'hears', owner: 'alice', phones: [], hold: true, address: undefined });
  journal.append({ kind: 'problem', owner: 'alice', code: 'CL2001', text: 'no SIP' });
  return text.text
    .split('\n')
    .slice(1)
    .flatMap((line) => /^# \d+\.\d+ (\w+)/.exec(line)?.[1] ?? []);
}

test('each level of detail shows what it says, the next one more', () => {
  assert.deepEqual(commentsOf('messages'), ['verb', 'hears', 'problem']);
  assert.deepEqual(commentsOf('states'), ['verb', 'state', 'hears', 'problem']);
  assert.deepEqual(commentsOf('everything'), ['verb', 'state', 'timer', 'hears', 'problem']);
  assert.equal(traceDetails.length, 3);
});
