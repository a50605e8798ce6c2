import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Program, root } from './program';

const captures = path.join(root, 'test/fixtures/captures');

describe('call-lab export', () => {
  let program: Program;
  before(() => {
    program = new Program();
  });
  after(() => {
    program.remove();
  });

  const capture = path.join(captures, 'sip-direct-attended.pcap');
  const read = (name: string): string => readFileSync(path.join(program.folder, name), 'utf8');
  const target = (name: string): string => path.join(program.folder, name);

  it('draws a capture in every form', async () => {
    const { code, out, err } = await program.run('export', capture, '--mmd', target('a.mmd'), '--md', target('a.md'), '--html', target('a.html'));
    assert.deepEqual([code, out, err], [0, '', '']);
    assert.match(read('a.mmd'), /^sequenceDiagram\n {2}participant p0 as alice\n/);
    assert.match(read('a.md'), /^## sip\\-direct\\-attended\\\.pcap\n/);
    assert.match(read('a.html'), /^<!DOCTYPE html>/);
  });

  it('writes the diagram to standard output: the ladder, the map, a transfer, or one call of it', async () => {
    const outputs = await Promise.all([
      program.run('export', capture),
      program.run('export', capture, '--diagram', 'map'),
      program.run('export', capture, '--diagram', 'transfer'),
      program.run('export', capture, '--call', 'c2'),
    ]);
    assert.deepEqual(outputs.map(({ code, err }) => [code, err]), [[0, ''], [0, ''], [0, ''], [0, '']]);
    assert.deepEqual(outputs.map(({ out }) => out.split('\n')[0]), ['sequenceDiagram', 'flowchart LR', 'stateDiagram-v2', 'sequenceDiagram']);
    assert.ok(outputs[3].out.length < outputs[0].out.length);
  });

  it('says who sent audio in a capture, in every form', async () => {
    const withMedia = path.join(captures, 'baresip-blind.pcap');
    const { code } = await program.run('export', withMedia, '--mmd', target('m.mmd'), '--md', target('m.md'), '--html', target('m.html'));
    assert.equal(code, 0);
    assert.match(read('m.mmd'), /Note over p0,p2: Charlie sends audio to Alice, 3\.7 s, G\.711 u-law\n/);
    assert.match(read('m.md'), /Alice talks to Charlie\\; Bob has left\\, and audio went both ways/);
    assert.match(read('m.html'), /<p>Alice talks to Charlie; Bob has left, and audio went both ways\.<\/p>/);
    assert.match(read('m.html'), /Charlie sends audio to Alice, 3\.7 s, G\.711 u-law/);
  });

  it('draws what a run has left, and a run draws it itself', async () => {
    const scenario = path.join(root, 'examples/blind-transfer.calllab.yaml');
    const first = await program.run('run', scenario, '--seed', '1', '--trace', target('b.siptrace'), '--mmd', target('b.mmd'), '--md', target('b.md'), '--html', target('b.html'));
    assert.equal(first.code, 0, first.out);
    const { code, out } = await program.run('export', target('b.siptrace'));
    assert.equal(code, 0);
    assert.equal(out, read('b.mmd'));
    assert.match(read('b.html'), /Alice talks to Charlie/);
    assert.match(read('b.md'), /^```mermaid$/m);
  });

  it('says what is wrong with a file or an argument, and exits with 2', async () => {
    writeFileSync(target('no.pcap'), 'no capture at all');
    const cases: readonly (readonly [args: readonly string[], error: RegExp])[] = [
      [['no.pcap'], /^no\.pcap: CL5001: /],
      [[target('no.pcap')], /no\.pcap: CL5001: .*does not begin as pcap/],
      [[path.join(captures, 'iax2-hold.pcap'), '--call', 'c9'], /c9|no message that can be drawn/],
      [[capture, '--transfer', 'x7'], /There is no transfer "x7"; there is x1\./],
      [['a.calllab.yaml'], /is a scenario: "run" plays it/],
      [[capture, '--diagram', 'pie'], /--diagram takes ladder, map or transfer, not "pie"/],
      [[capture, '--seed', '1'], /export takes no --seed/],
      [[capture, '--call', 'c1', '--transfer', 'x1'], /not both/],
      [[], /export needs the name/],
    ];
    for (const [args, expected] of cases) {
      const { code, out, err } = await program.run('export', ...args);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.match(err, expected);
    }
  });
});
