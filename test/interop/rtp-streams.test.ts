/** Two readers of the same captures: RTP streams and voice of IAX2 as we find them, and as tshark does. */
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

/** How many voice frames went from host to host, by tshark: mini frames, and full ones that are not sent again. */
async function voiceByTshark(file: string): Promise<Readonly<Record<string, number>>> {
  const fields = ['ip.src', 'ip.dst', 'iax2.packet_type', 'iax2.type', 'iax2.retransmission'].flatMap((field) => ['-e', field]);
  const { stdout } = await execute(peerPath('tshark'), ['-n', '-r', file, '-d', 'udp.port==4569,iax2', '-Y', 'iax2', '-T', 'fields', ...fields], { maxBuffer: 16 * 1024 * 1024, timeout: 30_000 });
  const counts: Record<string, number> = {};
  for (const line of stdout.split('\n')) {
    const [source = '', destination = '', packet, type, again] = line.split('\t');
    const isVoice = packet === '0' || (packet === '1' && type === '2' && again !== '1' && again !== 'True');
    if (isVoice) counts[`${source} ${destination}`] = (counts[`${source} ${destination}`] ?? 0) + 1;
  }
  return counts;
}

suite('voice of IAX2 as tshark counts it', requirePeer('tshark'), () => {
  for (const name of ['asterisk-quelch', 'asterisk-no-transfer', 'asterisk-native-transfer', 'asterisk-blind-transfer', 'asterisk-secretary-transfer', 'attended_client_two_hosts']) {
    test(name, async () => {
      const file = path.join(folder, '../iax2', `${name}.pcap`);
      const counts: Record<string, number> = {};
      for (const { source, destination, packets } of TraceModel.from(readCapture(readFileSync(file)).packets).streams) {
        counts[`${source.host} ${destination.host}`] = (counts[`${source.host} ${destination.host}`] ?? 0) + packets;
      }
      assert.deepEqual(counts, await voiceByTshark(file));
      assert.ok(Object.keys(counts).length >= 2);
    });
  }
});
