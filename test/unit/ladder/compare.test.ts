import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareCalls, labelOf } from '../../../src/ladder';
import type { TraceModel } from '../../../src/trace';
import { answeredCall, CallScript, simple } from '../trace/call-script';

function compared(model: TraceModel): { readonly lines: readonly string[]; readonly first: number } {
  const [left, right] = model.calls;
  assert.ok(left !== undefined && right !== undefined);
  const { pairs, firstDifference } = compareCalls(model, left, right);
  const words = (message: Parameters<typeof labelOf>[0] | undefined): string => (message === undefined ? '-' : labelOf(message));
  return { lines: pairs.map((pair) => `${words(pair.left)} ${pair.isSame ? '=' : '|'} ${words(pair.right)}`), first: firstDifference };
}

test('calls of different people that go the same way are the same', () => {
  const script = new CallScript();
  answeredCall(script, 'alice', 'bob', 'd1');
  answeredCall(script, 'charlie', 'alice', 'd2');
  const { lines, first } = compared(script.captured());
  assert.equal(first, -1);
  assert.match(lines[0] ?? '', /^INVITE bob = INVITE alice$/);
});

test('what one call has alone stands alone, and the first of it is the difference', () => {
  const script = new CallScript();
  const one = answeredCall(script, 'alice', 'bob', 'd1');
  const other = answeredCall(script, 'alice', 'charlie', 'd2');
  simple(one, 'alice', 'OPTIONS');
  simple(one, 'bob', 'BYE');
  simple(other, 'alice', 'BYE');
  const { lines, first } = compared(script.captured());
  assert.match(lines[first] ?? '', /^OPTIONS \| -$/);
  assert.ok(first > 2);
  // Who hangs up is a difference too.
  assert.ok(lines.includes('BYE | -') && lines.includes('- | BYE'), lines.join('\n'));
});
