import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, before, describe, it } from 'node:test';
import { finish, Program, Served } from './program';

describe('call-lab serve', () => {
  let program: Program;
  before(() => {
    program = new Program();
  });
  after(() => {
    program.remove();
  });

  it('says first that it is ready, with the phones and their addresses', async () => {
    const lab = new Served(program.start('serve', '--json'));
    await lab.until({ event: 'ready' });
    lab.endInput();
    assert.equal(await lab.finished, 0);
    const [ready] = lab.events;
    assert(ready);
    const phones = ready['phones'] as readonly Record<string, unknown>[];
    assert.deepEqual(Object.keys(ready), ['event', 'phones']);
    assert.deepEqual(
      phones.map(({ name, transports }) => [name, transports]),
      ['alice', 'bob', 'charlie'].map((name) => [name, ['udp', 'tcp']]),
    );
    for (const { name, uri } of phones) assert.match(String(uri), new RegExp(`^sip:${String(name)}@127\\.0\\.0\\.1:\\d+$`, 'u'));
  });

  it('carries out verbs, tells what happens, and hangs up when the input ends', async () => {
    const lab = new Served(program.start('serve', '--json'));
    lab.say('# a call, and a transfer', '', 'alice place bob');
    await lab.until({ event: 'outcome', verb: 'alice place bob', ok: true });
    const call = await lab.until({ event: 'call', phone: 'bob', state: 'incoming' });
    assert.deepEqual(Object.keys(call), [
      ...['event', 'id', 'phone', 'peer', 'peerUri', 'callId', 'direction', 'state', 'holding', 'held', 'transferredBy', 'end'],
    ]);
    lab.say('bob answer');
    await Promise.all([lab.until({ event: 'hears', phone: 'bob', hears: ['alice'], hold: false }), lab.until({ event: 'hears', phone: 'alice', hears: ['bob'] })]);
    lab.say('alice dtmf 5');
    await lab.until({ event: 'digit', phone: 'bob', digit: '5' });
    // In one breath: the transfer takes its time, and the line behind it is carried out all the same.
    lab.say('bob hold', 'bob transfer alice to charlie', 'alice dtmf 6');
    const refusal = await lab.until({ event: 'outcome', verb: 'alice dtmf 6' });
    assert.deepEqual([refusal['ok'], refusal['code']], [false, 'CL3003']);
    await lab.until({ event: 'call', phone: 'charlie', state: 'incoming', transferredBy: 'bob' });
    lab.say('charlie answer');
    const success = await lab.until({ event: 'transfer', verdict: 'success' });
    const { event, id, kind, transferor, transferee, target, reason } = success;
    assert.deepEqual(
      [event, id, kind, transferor, transferee, target, reason],
      ['transfer', 'x1', 'blind', 'bob', 'alice', 'charlie', 'Alice talks to Charlie; Bob has left.'],
    );
    await lab.until({ event: 'outcome', verb: 'bob transfer alice to charlie', ok: true });
    lab.endInput();
    await lab.until({ event: 'call', phone: 'charlie', state: 'ended' });
    assert.equal(await lab.finished, 0);
  });

  it('goes on after lines that are no verbs, and verbs that cannot be done', async () => {
    const lab = new Served(program.start('serve', '--json'));
    lab.say('alice hodl', 'alice hold', 'dora hold', 'alice place bob');
    const error = await lab.until({ event: 'error' });
    assert.deepEqual([error['code'], error['line']], ['CL3008', 'alice hodl']);
    assert.match(String(error['text']), /"hodl" is none of the verbs/u);
    assert.deepEqual((await lab.until({ event: 'outcome', verb: 'alice hold' }))['code'], 'CL3002');
    assert.deepEqual((await lab.until({ event: 'outcome', verb: 'dora hold' }))['code'], 'CL3001');
    await lab.until({ event: 'outcome', verb: 'alice place bob', ok: true });
    lab.endInput();
    assert.equal(await lab.finished, 0);
  });

  it('hangs up and exits with 0 on SIGINT', async () => {
    const lab = new Served(program.start('serve', '--json'));
    lab.say('alice place bob');
    await lab.until({ event: 'call', phone: 'bob', state: 'incoming' });
    lab.say('bob answer');
    await lab.until({ event: 'call', phone: 'bob', state: 'connected' });
    lab.interrupt();
    await lab.until({ event: 'call', phone: 'bob', state: 'ended' });
    assert.equal(await lab.finished, 0);
  });

  it('starts the phones of a file, and the rest when one port is in use', async () => {
    const taken = createSocket('udp4');
    await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve));
    const { port } = taken.address();
    const file = program.write('phones.calllab.yaml', `phones: { dora: { port: ${port} }, erin: { answers: at once }, frank: }\n`);
    const lab = new Served(program.start('serve', file, '--json'));
    const error = await lab.until({ event: 'error' });
    const ready = lab.events[0];
    assert.deepEqual(ready?.['event'], 'ready');
    assert.deepEqual(
      (ready['phones'] as readonly Record<string, unknown>[]).map(({ name }) => name),
      ['erin', 'frank'],
    );
    assert.deepEqual([error['phone'], error['code']], ['dora', 'CL1001']);
    assert.match(String(error['text']), new RegExp(String(port), 'u'));
    assert.match(String(error['remedy']), /^Stop the program/u);
    lab.say('frank place erin');
    await lab.until({ event: 'hears', phone: 'frank', hears: ['erin'] });
    lab.endInput();
    assert.equal(await lab.finished, 0);
    taken.close();
  });

  it('speaks to people in lines', async () => {
    const child = program.start('serve');
    child.stdin.end('alice place bob\nalice hodl\nbob hold\n');
    const { code, out } = await finish(child);
    assert.equal(code, 0);
    assert.match(out, /^alice {7}sip:alice@127\.0\.0\.1:\d+ {2}\(udp, tcp\)\nbob /u);
    assert.match(out, /\nalice\/1: calling bob\n/u);
    assert.match(out, /\ndone: alice place bob: calling bob\n/u);
    assert.match(out, /\nerror CL3008: "alice hodl": /u);
    assert.match(out, /\nfailed: bob hold: .*\(CL300\d\)/u);
  });

  it('exits with 2 for a file that is wrong', async () => {
    const { code, out, err } = await program.run('serve', program.write('bad.calllab.yaml', 'phones: [alice]\n'), '--json');
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /bad\.calllab\.yaml:1:9: CL4002: /u);
  });
});
