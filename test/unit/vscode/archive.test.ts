import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTrace } from '../../../src/capture';
import { VirtualClock } from '../../../src/core';
import { Journal } from '../../../src/trace';
import { Archive, noticeOf, type SegmentFolder, sessionName } from '../../../src/vscode/trace-archive/archive';
import { Traffic } from '../../support/panel/traffic';

/** A folder in memory. */
class Folder implements SegmentFolder {
  readonly files = new Map<string, string>();
  isFull = false;

  async write(name: string, text: string): Promise<void> {
    if (this.isFull) throw new Error('the disk is full');
    this.files.set(name, text);
  }

  async list(): Promise<readonly { readonly name: string; readonly octets: number }[]> {
    return [...this.files].map(([name, text]) => ({ name, octets: text.length }));
  }

  async remove(name: string): Promise<void> {
    assert.ok(this.files.delete(name), name);
  }
}

const startedAt = new Date('2026-11-26T12:00:00.000Z');
const journal = new Journal({ clock: new VirtualClock(), startedAt });
const rest = (): Promise<void> => Promise.resolve();

describe('the archive of a trace', () => {
  it('has what the trace has forgotten, and says how much of it', async () => {
    const folder = new Folder();
    const traffic = new Traffic();
    const archive = new Archive(folder, sessionName(startedAt, '3f9a'), rest);
    traffic.feed(600);
    await archive.save(traffic.model, journal, 250);
    assert.deepEqual(archive.earlier(traffic.model), { messages: 0, inFiles: 0, files: 1 }, 'written, and not forgotten yet');
    traffic.model.forget(250);
    await archive.save(traffic.model, journal, 400);
    traffic.model.forget(400);
    assert.deepEqual(archive.earlier(traffic.model), { messages: 400, inFiles: 400, files: 2 });
    assert.deepEqual([...folder.files.keys()], ['2026-11-26T12-00-00-000Z-3f9a.m00000001-m00000250.siptrace', '2026-11-26T12-00-00-000Z-3f9a.m00000251-m00000400.siptrace']);
    const ids = [...folder.files.values()].flatMap((text) => parseTrace(text).messages.map(({ id }) => id));
    assert.deepEqual(ids, Array.from({ length: 400 }, (_, index) => `m${index + 1}`));
  });

  it('says what is lost when it cannot be written', async () => {
    const folder = new Folder();
    const traffic = new Traffic();
    const archive = new Archive(folder, sessionName(startedAt, '00'), rest);
    traffic.feed(300);
    folder.isFull = true;
    await assert.rejects(archive.save(traffic.model, journal, 100), /the disk is full/u);
    traffic.model.forget(100);
    folder.isFull = false;
    await archive.save(traffic.model, journal, 200);
    traffic.model.forget(200);
    assert.deepEqual(archive.earlier(traffic.model), { messages: 200, inFiles: 100, files: 1 });
    assert.match(noticeOf(archive.earlier(traffic.model)), /^of the 200 messages before these, 100 are in a file: /u);
  });

  it('removes the oldest files, of earlier sessions first, and none that is not its own', async () => {
    const folder = new Folder();
    const old = '2026-11-25T08-00-00-000Z-aa.m00000001-m00000900.siptrace';
    folder.files.set(old, 'x'.repeat(1_000)).set('notes.txt', 'x'.repeat(1_000_000));
    const traffic = new Traffic();
    const archive = new Archive(folder, sessionName(startedAt, '01'), rest, { files: 2, octets: 1_000_000 });
    traffic.feed(400);
    for (const before of [100, 200, 300]) {
      await archive.save(traffic.model, journal, before);
      traffic.model.forget(before);
    }
    await archive.clean();
    assert.ok(folder.files.has('notes.txt'));
    assert.equal(folder.files.has(old), false);
    assert.deepEqual(archive.parts.map(({ first, end }) => [first, end]), [[100, 200], [200, 300]]);
    assert.deepEqual(archive.earlier(traffic.model), { messages: 300, inFiles: 200, files: 2 });
    const small = new Archive(folder, sessionName(startedAt, '02'), rest, { files: 100, octets: 10 });
    await small.clean();
    assert.deepEqual([...folder.files.keys()], ['notes.txt']);
  });
});
