import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Chronicle } from '../../../src/trace/chronicle';

test('whoever reads on gets each item once, whatever is forgotten in between', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('read' as const), count: fc.constant(0) }),
    fc.record({ kind: fc.constant('forget' as const), count: fc.integer({ min: 2, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const chronicle = new Chronicle<number>();
      const read: number[] = [];
      let next = 0;
      let gone = new Set<number>();
      const readOn = (): void => {
        read.push(...chronicle.since(next));
        next = chronicle.total;
      };
      for (const { kind, count } of steps) {
        if (kind === 'push') {
          for (let index = 0; index < count; index += 1) chronicle.push(chronicle.total);
        } else if (kind === 'read') {
          readOn();
        } else {
          const isPast = (item: number): boolean => item % count === 0;
          gone = new Set([...gone, ...chronicle.items.filter((item) => isPast(item) && item >= next)]);
          chronicle.forget(isPast);
        }
      }
      readOn();
      const all = Array.from({ length: chronicle.total }, (_, index) => index);
      assert.deepEqual(read, all.filter((item) => !gone.has(item)), 'but for what was forgotten before it was read');
      for (const item of all) assert.equal(chronicle.at(item), chronicle.items.includes(item) ? item : undefined);
    }),
  );
});
