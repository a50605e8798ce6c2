/**
 * libiax2, in Debian's iaxmodem: it registers at our server without a call token, is called and calls, and is transferred
 * natively with our phone, by our server and by our phone in the middle. tshark finds nothing malformed in what we sent.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { peerPath, requirePeer } from '../support/peers';
import type { StageReport } from './support/iaxmodem-stage';
import { findNamespace } from './support/namespace';
import { Place } from './support/place';

const execute = promisify(execFile);
const namespace = findNamespace();
const stage = path.join(__dirname, 'support/iaxmodem-stage.ts');

/** It looks for its settings in /etc/iaxmodem only, so a folder of ours is mounted there, for it alone. */
const settings = (folder: string): string => `device ${folder}/tty
owner root:root
mode 660
port 4570
refresh 60
server 127.0.0.1
peername modem
secret password
cidname Modem
cidnumber 200
codec ulaw
`;

function mayRun(): { readonly skip: string | false } {
  const { skip } = requirePeer('iaxmodem', 'tshark');
  if (skip !== false) return { skip };
  return { skip: namespace === undefined || !existsSync('/etc/iaxmodem') ? 'no network namespace can be made here, and iaxmodem binds all addresses' : false };
}

describe('iaxmodem (libiax2)', mayRun(), () => {
  const place = new Place('iaxmodem');

  after(async () => {
    await place.stop();
  });

  async function play(story: string): Promise<StageReport> {
    assert.ok(namespace !== undefined);
    writeFileSync(path.join(place.folder, 'call-lab'), settings(place.folder));
    const line = 'ip link set lo up && mount --bind "$1" /etc/iaxmodem && exec node --import tsx "$2" "$3" "$1"';
    const { stdout } = await execute(namespace.command, [...namespace.args, line, 'sh', place.folder, stage, story], { timeout: 90_000 });
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as StageReport;
    assert.deepEqual(report.leaks, { sockets: 0, timers: 0, calls: 0 });
    await checkWithTshark(path.join(place.folder, `${story}.pcap`));
    return report;
  }

  /** Nothing malformed, and no complaint of any frame. */
  async function checkWithTshark(file: string): Promise<void> {
    const { stdout } = await execute(
      peerPath('tshark'),
      [
        ...['-n', '-r', file, '-d', 'udp.port==4569,iax2', '-d', 'udp.port==4570,iax2', '-T', 'fields', '-E', 'separator=/t'],
        ...['-e', 'frame.number', '-e', 'frame.protocols', '-e', '_ws.malformed', '-e', '_ws.expert.message'],
      ],
      { maxBuffer: 64 * 1024 * 1024, timeout: 60_000 },
    );
    const rows = stdout.split('\n').filter((row) => row !== '').map((row) => row.split('\t'));
    assert.ok(rows.length > 20, `${String(rows.length)} frames`);
    assert.deepEqual(rows.filter(([, protocols]) => protocols?.includes('iax2') !== true), [], 'all are IAX2');
    assert.deepEqual(rows.filter(([, , malformed, complaint]) => malformed !== '' || complaint !== ''), []);
  }

  test('registers without a call token, is called through our server, and is hung up on', async () => {
    const { facts } = await play('called');
    assert.deepEqual([facts['voice'], facts['end']], [true, 16]);
    const frames = facts['frames'] as readonly string[];
    assert.deepEqual(frames.slice(0, 4), ['< REGREQ', '> REGAUTH', '< REGREQ', '> REGACK']);
    for (const frame of ['> NEW', '< ACCEPT', '< CONTROL RINGING', '< CONTROL ANSWER', '> HANGUP']) assert.ok(frames.includes(frame), frame);
  });

  test('dials a number at our server, proves who it is, and is answered', async () => {
    const { facts } = await play('calls');
    assert.equal(facts['voice'], true);
    const frames = facts['frames'] as readonly string[];
    for (const frame of ['< NEW', '> AUTHREQ', '< AUTHREP', '> ACCEPT', '> CONTROL RINGING', '> CONTROL ANSWER']) assert.ok(frames.includes(frame), frame);
  });

  test('is connected natively with our phone by our server', async () => {
    const { facts } = await play('native');
    assert.equal(facts['atServer'], 0, 'the server hears nothing of it any more');
    assert.equal(facts['atPhone'], true);
    assert.deepEqual(facts['transfers'], [['native', 'success']]);
    const frames = facts['frames'] as readonly string[];
    for (const frame of ['> TXREQ', '< TXCNT', '> TXACC', '< TXACC', '< TXREADY', '> TXREL']) assert.ok(frames.includes(frame), frame);
  });

  test('is connected natively with our phone by another of our phones', async () => {
    const { facts } = await play('supervised');
    assert.equal(facts['atMiddle'], 0);
    assert.equal(facts['atPhone'], true);
    assert.deepEqual(facts['transfers'], [['native', 'success']]);
  });
});
