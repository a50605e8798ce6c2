import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { packetsOfJournal, writePcap } from '../../src/capture';
import { requirePeer } from '../support/peers';
import { Baresip } from './support/baresip';
import { InteropRun } from './support/run';
import { Sipp } from './support/sipp';
import { dissect } from './support/tshark';

const answering = { kind: 'answer', after: 100 } as const;

test('tshark reads the capture of calls with strangers and among phones', requirePeer('tshark', 'sipp', 'baresip'), async (context) => {
  const run = await InteropRun.start(context, 'tshark', [
    { name: 'alice', behaviour: answering },
    { name: 'bob', behaviour: answering },
    { name: 'charlie', transport: 'tcp', behaviour: answering },
  ]);

  // UDP and TCP at the same time, so that packets of different calls mingle.
  const overUdp = await Sipp.start(run, { scenario: 'uac', calls: 'bob', args: ['-d', '600'] });
  const overTcp = await Sipp.start(run, { scenario: 'uac', calls: 'charlie', transport: 'tcp', count: 3, args: ['-d', '600', '-r', '10'] });
  const callee = await Sipp.start(run, { scenario: 'uas', transport: 'tcp' });
  await run.must(`charlie place ${callee.uri};transport=tcp`);
  await run.until('SIPp has answered over TCP', () => isThrough(run, 'sipp'));
  await run.must('charlie hangup charlie/1');
  const baresip = await Baresip.start(run);
  await baresip.command('dial', run.lab.phone('alice').uri);
  await baresip.until('CALL_ESTABLISHED');
  await baresip.command('transfer', run.lab.phone('bob').uri);
  await run.until('Alice and Bob hear each other', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));
  await run.must('alice dtmf 159#');
  for (const sipp of [overUdp, overTcp]) assert.equal((await sipp.finished()).code, 0, sipp.errors);
  // Two phones over TCP: their messages are in the journal twice, and in the capture once.
  await run.must('charlie place alice');
  await run.until('Alice has answered over TCP', () => isThrough(run, 'alice'));
  await run.must('charlie hold alice');
  await run.must('charlie resume alice');
  await run.stopCleanly();

  const packets = [...packetsOfJournal(run.lab.journal)];
  const classic = path.join(run.folder, 'run.pcap');
  writeFileSync(classic, writePcap(packets));
  const frames = await dissect(run.captureFile);
  assert.deepEqual(await dissect(classic), frames, 'both formats hold the same');

  const wanted = { udp: { sip: 0, rtp: 0 }, tcp: { sip: 0, rtp: 0 } };
  for (const { bytes, transport } of packets) wanted[transport === 'tcp' ? 'tcp' : 'udp'][isSip(bytes) ? 'sip' : 'rtp'] += 1;
  const found = { udp: { sip: 0, rtp: 0 }, tcp: { sip: 0, rtp: 0 } };
  for (const { protocols, sip } of frames) {
    const transport = protocols.includes('tcp') ? 'tcp' : 'udp';
    found[transport].sip += sip.length;
    if (protocols.includes('rtp')) found[transport].rtp += 1;
  }
  assert.deepEqual(found, wanted);
  assert.ok(wanted.udp.sip > 20 && wanted.udp.rtp > 100 && wanted.tcp.sip > 30, JSON.stringify(wanted));
  assert.deepEqual(frames.filter(({ malformed }) => malformed), []);
  assert.deepEqual(frames.filter(({ complaints }) => complaints.length > 0), []);
});

/** Whether Charlie has called them and they have answered. */
function isThrough(run: InteropRun, callee: string): boolean {
  const { calls } = run.lab.phone('charlie');
  return calls.some(({ direction, peer, state }) => direction === 'outgoing' && peer === callee && state === 'connected');
}

/** RTP begins with the bits 10, SIP with a letter. */
function isSip(bytes: Uint8Array): boolean {
  return (bytes[0] ?? 0) < 0x80;
}
