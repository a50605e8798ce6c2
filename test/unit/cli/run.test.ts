import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Program } from './program';

const passing = `
name: Redirect
phones: { alice: , bob: { redirects: charlie }, charlie: { answers: at once } }
steps: [alice place bob, { wait: transfer success }]
expect: { hears: { alice: charlie } }
`;
const failing = `
name: Nobody answers
phones: { alice: , bob: }
steps: [alice place bob, { wait: alice connected, within: 300ms }]
`;

describe('call-lab run', () => {
  let program: Program;
  before(() => {
    program = new Program();
  });
  after(() => {
    program.remove();
  });

  it('plays on real sockets, reports in JSON and exits with 0', async () => {
    const file = program.write('passing.calllab.yaml', passing);
    const { code, out, err } = await program.run('run', file, '--json');
    assert.deepEqual([code, err], [0, '']);
    const [report, ...more] = JSON.parse(out);
    assert.deepEqual(more, []);
    assert.deepEqual(Object.keys(report), ['name', 'file', 'passed', 'failures', 'durationMs', 'messages', 'transfers', 'lints', 'hears', 'leaks']);
    assert.deepEqual([report.name, report.file, report.passed, report.failures, report.leaks], ['Redirect', file, true, [], 0]);
    assert.deepEqual(report.hears, { alice: ['charlie'], bob: [], charlie: ['alice'] });
    assert.deepEqual(report.lints, []);
    assert.deepEqual(Object.keys(report.transfers[0]), ['kind', 'transferor', 'transferee', 'target', 'verdict', 'reason']);
  });

  it('exits with 1 and says why when something does not hold', async () => {
    const file = program.write('failing.calllab.yaml', failing);
    const { code, out } = await program.run('run', file, '--seed', '1');
    assert.equal(code, 1);
    assert.match(out, /^✗ Nobody answers \(.*, \d+ messages, seed 1\)\n/u);
    assert(out.includes(`    ${file}:4: "alice connected" did not come true within 300 ms: alice has: ringing with bob.\n1 of 1 run failed in `), out);
  });

  it('exits with 2, names every mistake of every file, and plays nothing', async () => {
    const good = program.write('passing.calllab.yaml', passing);
    const bad = program.write('bad.calllab.yaml', 'phones: { alice: }\nsteps: [alice hodl]\nexpcet: {}\n');
    const { code, out, err } = await program.run('run', good, bad, '/no/such/file.calllab.yaml', '--json');
    assert.deepEqual([code, out], [2, '']);
    const lines = err.trimEnd().split('\n');
    assert.equal(lines.length, 3);
    assert(lines[0]?.startsWith(`${bad}:2:15: CL4002: "alice hodl": "hodl" is none of the verbs`), err);
    assert.equal(lines[1], `${bad}:3:1: CL4002: "expcet" is no key of a scenario. Did you mean "expect"?`);
    assert.match(lines[2] ?? '', /^\/no\/such\/file\.calllab\.yaml: CL4001: .*there is no such file/u);
  });

  it('exits with 2 and prints the usage for arguments that make no sense', async () => {
    const { code, out, err } = await program.run('run', 'x', '--seed', 'seven');
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^call-lab: --seed takes .* not "seven"\.\n\ncall-lab: place, hold/u);
  });

  it('prints its usage and its version when asked', async () => {
    const help = await program.run('--help');
    assert.deepEqual([help.code, help.err], [0, '']);
    assert.match(help.out, /call-lab run FILE/u);
    assert.match((await program.run('--version')).out, /^\d+\.\d+\.\d+\n$/u);
  });

  it('writes exports, each run its own, the same for the same seed', async () => {
    const files = [program.write('one.calllab.yaml', passing), program.write('two.calllab.yaml', passing)];
    const outputs = (name: string): readonly string[] => ['mmd', 'pcap', 'trace'].flatMap((kind) => [`--${kind}`, path.join(program.folder, `${name}.${kind}`)]);
    const [a, b] = [await program.run('run', ...files, '--seed', '4..5', ...outputs('a')), await program.run('run', ...files, '--seed', '4..5', ...outputs('b'))];
    assert.deepEqual([a.code, b.code], [0, 0], a.out + a.err);
    const read = (name: string): Buffer => readFileSync(path.join(program.folder, name));
    for (const run of ['one-4', 'one-5', 'two-4', 'two-5']) {
      assert.match(read(`a-${run}.mmd`).toString(), /^sequenceDiagram\n/u);
      assert.match(read(`a-${run}.trace`).toString(), /\nINVITE sip:bob@/u);
      assert.equal(read(`a-${run}.pcap`).readUInt32LE(0), 0xa1b2c3d4);
      for (const kind of ['mmd', 'pcap', 'trace']) assert(read(`a-${run}.${kind}`).equals(read(`b-${run}.${kind}`)), `${run}.${kind}`);
    }
    assert(!read('a-one-4.pcap').equals(read('a-one-5.pcap')));
  });

  it('exits with 2 when an export cannot be written', async () => {
    const file = program.write('passing.calllab.yaml', passing);
    const { code, err } = await program.run('run', file, '--seed', '1', '--mmd', path.join(program.folder, 'nowhere', 'x.mmd'));
    assert.equal(code, 2);
    assert.match(err, /^call-lab: ENOENT.*x\.mmd/u);
  });

  it('shares many seeds out among workers, and reports in the order of files and seeds', async () => {
    const good = program.write('passing.calllab.yaml', passing);
    const bad = program.write('failing.calllab.yaml', failing);
    const { code, out } = await program.run('run', good, bad, '--seed', '11..20', '--loss', '0.1', '--json');
    assert.equal(code, 1);
    const reports = JSON.parse(out).map(({ name, seed, passed }: { name: string; seed: number; passed: boolean }) => [name, seed, passed]);
    const seeds = Array.from({ length: 10 }, (_, index) => 11 + index);
    assert.deepEqual(reports, [...seeds.map((seed) => ['Redirect', seed, true]), ...seeds.map((seed) => ['Nobody answers', seed, false])]);
    const text = await program.run('run', good, bad, '--seed', '11..20', '--loss', '0.1');
    assert.match(text.out, /^✓ Redirect \(10 of 10 seeds\)\n✗ Nobody answers \(0 of 10 seeds\)\n {4}seed 11: .*failing\.calllab\.yaml:4: /u);
    assert.match(text.out, /\n10 of 20 runs failed in .*\n$/u);
  });
});
