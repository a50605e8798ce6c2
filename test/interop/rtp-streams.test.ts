/** Two readers of the same captures: the RTP streams as we find them, and as tshark does. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { readCapture, writePcap } from '../../src/capture';
import { SeededRandom } from '../../src/core';
import { TraceModel } from '../../src/trace';
import { peerPath, requirePeer } from '../support/peers';

const execute = promisify(execFile);
const folder = path.join(__dirname, '../fixtures/captures');

const names = ['sip-pbx-call-with-rtp', 'baresip-blind', 'baresip-blind-srtp', 'baresip-hold', 'sip-direct-blind'];

/** A line of `tshark -z rtp,streams`: start and end in seconds, the addresses, the SSRC, the codec, packets, lost. */
const row = /^ *(?<since>\d+\.\d+) +(?<until>\d+\.\d+) +(?<source>\S+) +(?<sourcePort>\d+) +(?<destination>\S+) +(?<destinationPort>\d+) +(?<ssrc>0x[\dA-F]+) +(?<codec>.+?) +(?<packets>\d+) +(?<lost>-?\d+) \(/;

async function byTshark(file: string): Promise<readonly string[]> {
  const { stdout } = await execute(peerPath('tshark'), ['-n', '-r', file, '-q', '-z', 'rtp,streams'], { maxBuffer: 16 * 1024 * 1024, timeout: 30_000 });
  return stdout
    .split('\n')
    .flatMap((line) => {
      const found = row.exec(line)?.groups;
      if (found === undefined) return [];
      const { since = '', until = '', source, sourcePort, destination, destinationPort, ssrc, packets, lost } = found;
      return [`${source}:${sourcePort} ${destination}:${destinationPort} ${ssrc} ${packets} packets, ${lost} lost, ${Number(since).toFixed(3)} to ${Number(until).toFixed(3)}`];
    })
    .sort();
}

function byUs(bytes: Uint8Array): readonly string[] {
  const { streams } = TraceModel.from(readCapture(bytes).packets);
  return streams
    .map(({ source, destination, ssrc = 0, packets, lost, since, until }) => {
      const ends = `${source.host}:${source.port} ${destination.host}:${destination.port} 0x${ssrc.toString(16).toUpperCase().padStart(8, '0')}`;
      return `${ends} ${packets} packets, ${lost} lost, ${(since / 1_000).toFixed(3)} to ${(until / 1_000).toFixed(3)}`;
    })
    .sort();
}

suite('RTP streams as tshark finds them', requirePeer('tshark'), () => {
  for (const name of names) {
    test(name, async () => {
      const file = path.join(folder, `${name}.pcap`);
      const wanted = await byTshark(file);
      assert.deepEqual(byUs(readFileSync(file)), wanted);
      assert.equal(wanted.length > 0, name !== 'sip-direct-blind');
    });
  }

  for (const seed of [11, 12, 13]) {
    test(`with packets lost: seed ${seed}`, async (context) => {
      const random = new SeededRandom(seed);
      const { packets } = readCapture(readFileSync(path.join(folder, 'baresip-blind.pcap')));
      const kept = packets.filter(({ bytes }) => (bytes[0] ?? 0) < 0x80 || random.fraction() > 0.2);
      const place = mkdtempSync(path.join(tmpdir(), 'call-lab-rtp-'));
      context.after(() => rmSync(place, { recursive: true }));
      const file = path.join(place, 'lossy.pcap');
      const written = writePcap(kept);
      writeFileSync(file, written);
      const wanted = await byTshark(file);
      assert.deepEqual(byUs(written), wanted);
      assert.equal(wanted.length, 4);
      assert.ok(wanted.every((line) => !line.includes(' 0 lost')), wanted.join('\n'));
    });
  }
});
