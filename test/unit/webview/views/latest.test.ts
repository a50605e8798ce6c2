import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Latest } from '../../../../webview/views/latest';

/** A page whose frames come, and whose renderings end, when the test says so. */
class Page {
  readonly frames: (() => void)[] = [];
  readonly begun: string[] = [];
  readonly errors: unknown[] = [];
  #end: ((error?: Error) => void) | undefined;
  readonly latest = new Latest<string>({
    render: (value) => {
      assert.equal(this.#end, undefined, 'two renderings at once');
      this.begun.push(value);
      return new Promise((resolve, reject) => {
        this.#end = (error) => {
          this.#end = undefined;
          if (error === undefined) resolve();
          else reject(error);
        };
      });
    },
    nextFrame: (callback) => this.frames.push(callback),
    onError: (error) => this.errors.push(error),
  });

  frame(): void {
    this.frames.shift()?.();
  }

  async finish(error?: Error): Promise<void> {
    this.#end?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('values that come before the frame are drawn once, the newest', () => {
  const page = new Page();
  page.latest.push('a');
  page.latest.push('b');
  assert.equal(page.frames.length, 1);
  page.frame();
  assert.deepEqual(page.begun, ['b']);
});

test('what comes while one is drawn waits, and only the newest of it is drawn', async () => {
  const page = new Page();
  page.latest.push('a');
  page.frame();
  page.latest.push('b');
  page.latest.push('c');
  assert.equal(page.frames.length, 0);
  await page.finish();
  page.frame();
  assert.deepEqual(page.begun, ['a', 'c']);
  await page.finish();
  assert.equal(page.frames.length, 0);
});

test('an error is reported and does not stop the next', async () => {
  const page = new Page();
  page.latest.push('a');
  page.frame();
  const error = new Error('no diagram');
  await page.finish(error);
  assert.deepEqual(page.errors, [error]);
  page.latest.push('b');
  page.frame();
  assert.deepEqual(page.begun, ['a', 'b']);
});
