import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseUri } from '../../src/sip';
import type { TraceMessage } from '../../src/trace';
import { requirePeer } from '../support/peers';
import { InteropRun } from './support/run';
import { probe } from './support/scanner';

/** What the phones tell of a call that a scanner makes is not to last for minutes. */
const ringLimit = 1_000;
/** What the journal and the trace may keep of a request and its answer, in octets; the phone itself keeps nothing. */
const keptOfRequest = 32_768;

function portOf(run: InteropRun, phone: string): string {
  return String(parseUri(run.lab.phone(phone).uri).port);
}

/** Somebody who is to be found, and others who are not there. */
function writeNames(run: InteropRun): string {
  const file = path.join(run.folder, 'names.txt');
  writeFileSync(file, ['alice', 'bob', 'charlie', '100', '101', 'nobody', 'admin', ''].join('\n'));
  return file;
}

/** The status of the final answer to each request of a method, or of the last answer if there is no final one, by user. */
function answersByUser(run: InteropRun, method: string): ReadonlyMap<string, number> {
  const answers = new Map<string, number>();
  for (const { request, responses } of run.lab.trace.transactions) {
    if (request?.sip?.kind !== 'request' || request.sip.method !== method) continue;
    const status = statusOf(responses.at(-1));
    if (status !== undefined) answers.set(request.sip.uri.user ?? '', status);
  }
  return answers;
}

function statusOf(message: TraceMessage | undefined): number | undefined {
  return message?.sip?.kind === 'response' ? message.sip.status : undefined;
}

/** The octets of the heap that are in use, without what nobody can reach any more. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

async function callOfOthers(run: InteropRun): Promise<void> {
  await run.must('charlie place dave');
  await run.until('Charlie and Dave hear each other', () => run.isHearing('charlie', 'dave') && run.isHearing('dave', 'charlie'));
}

const phones = [
  { name: 'alice', ringLimit },
  { name: 'charlie' },
  { name: 'dave', behaviour: { kind: 'answer', after: 100 } },
] as const;

test('sipvicious learns nothing of a phone but that it is one', requirePeer('svmap'), async (context) => {
  const run = await InteropRun.start(context, 'sipvicious', phones);
  await callOfOthers(run);
  const names = writeNames(run);
  const at = (phone: string): string[] => ['-v', '-b', '127.0.0.1', '-p', portOf(run, phone)];

  const [map, ...finds] = await Promise.all([
    probe(run, 'svmap', [...at('alice'), '127.0.0.1']),
    ...['REGISTER', 'OPTIONS', 'INVITE'].map((method) => probe(run, 'svwar', [...at('alice'), '-d', names, '-m', method, '--force', '127.0.0.1'])),
    probe(run, 'svcrash', ['-d', '127.0.0.1', '-p', portOf(run, 'alice')]),
  ]);

  // It is there, and says neither what it is nor which version.
  assert.match(map, new RegExp(`127\\.0\\.0\\.1:${portOf(run, 'alice')} *\\| *unknown`, 'u'));
  for (const found of finds.slice(0, 3)) assert.match(found, /found nothing/u);
  // Whoever is asked for, the answer is the same; REGISTER is none of a phone's business.
  for (const [method, status] of [['OPTIONS', 200], ['REGISTER', 405]] as const) {
    const answers = answersByUser(run, method);
    assert.ok(answers.size > 0, method);
    assert.deepEqual([...new Set(answers.values())], [status], method);
  }
  assert.ok(answersByUser(run, 'OPTIONS').has('alice') && answersByUser(run, 'OPTIONS').has('nobody'));
  // It rang, for nobody in particular, and nobody was there.
  await run.until('Alice is called no more', () => run.lab.phone('alice').calls.every(({ state }) => state === 'ended'));
  assert.ok(run.isHearing('charlie', 'dave') && run.isHearing('dave', 'charlie'), 'others talk on');
  await run.must('charlie hangup');
  assert.deepEqual(await run.stop(), { sockets: 0, timers: 0, calls: 0 });
});

test('sipsak learns nothing of a phone but what it offers everybody, and costs nothing', requirePeer('sipsak'), async (context) => {
  const run = await InteropRun.start(context, 'sipsak', phones);
  await callOfOthers(run);
  const { uri } = run.lab.phone('alice');
  const nobody = uri.replace('alice', 'nobody');
  const before = heapInUse();

  const [known, unknown] = await Promise.all([uri, nobody].map((target) => probe(run, 'sipsak', ['-vv', '-s', target])));
  assert.deepEqual(offerIn(known), offerIn(unknown));
  assert.equal(offerIn(known)[0], 'SIP/2.0 200 OK');
  assert.doesNotMatch(String(known), /Call Lab|Node|Server:/iu);

  const [here, elsewhere] = await Promise.all(
    [uri, nobody].map((target) => probe(run, 'sipsak', ['-U', '-C', 'sip:thief@127.0.0.1:9', '-i', '-vv', '-s', target])),
  );
  assert.match(String(here), /405 Method Not Allowed/u);
  assert.deepEqual(offerIn(here), offerIn(elsewhere));

  // One octet after the other is changed at random, until something is so broken that no answer is owed.
  await probe(run, 'sipsak', ['-R', '-t', '20', '-s', uri]);
  const requests = 2_000;
  await probe(run, 'sipsak', ['-F', '-e', String(requests), '-s', uri]);
  const [after] = await Promise.all([probe(run, 'sipsak', ['-vv', '-s', uri])]);
  assert.deepEqual(offerIn(after), offerIn(known), 'it answers as before');

  assert.deepEqual(run.lab.phone('alice').calls, []);
  const grown = heapInUse() - before;
  assert.ok(grown < requests * keptOfRequest, `${String(grown)} octets more for ${String(requests)} requests`);
  assert.ok(run.isHearing('charlie', 'dave') && run.isHearing('dave', 'charlie'), 'others talk on');
  await run.must('charlie hangup');
  assert.deepEqual(await run.stop(), { sockets: 0, timers: 0, calls: 0 });
});

/** The lines of the answer that sipsak shows, without those that name the request. */
function offerIn(output: string | undefined): readonly string[] {
  const lines = String(output).split(/\r?\n/u);
  const first = lines.findIndex((line) => line.startsWith('SIP/2.0'));
  return lines.slice(first, lines.indexOf('Content-Length: 0', first)).filter((line) => !/^(?:Via|From|To|Call-ID|CSeq):/u.test(line));
}
