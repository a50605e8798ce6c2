import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CapturedPacket } from '../../../src/capture';

/** Options of a test that asks tshark: on a machine without it the test is skipped, in CI it fails. */
export const asksTshark = {
  skip: process.env['CI'] !== 'true' && spawnSync('tshark', ['--version']).status !== 0 && 'tshark is not installed',
};

/** What tshark says of each frame of a capture file: the fields asked for, in that order. */
export function tsharkFields(file: Uint8Array, fields: readonly string[], options: readonly string[] = []): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'call-lab-'));
  try {
    const path = join(folder, 'capture');
    writeFileSync(path, file);
    const asked = fields.flatMap((field) => ['-e', field]);
    const output = execFileSync('tshark', ['-r', path, ...options, '-T', 'fields', ...asked], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 });
    return output.split('\n').slice(0, -1).map((line) => line.split('\t'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function fixture(name: string): Uint8Array {
  return readFileSync(join(__dirname, '../../fixtures/captures', name));
}

export function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A request or a response of its own dialog, as few headers as SIP allows. */
export function sipMessage(startLine: string, callId: string, cseq: string): Uint8Array {
  const headers = ['Via: SIP/2.0/UDP 127.0.0.11:5060;branch=z9hG4bKabcdefgh', 'From: <sip:alice@127.0.0.11>;tag=1', 'To: <sip:bob@127.0.0.12>', `Call-ID: ${callId}`, `CSeq: ${cseq}`, 'Max-Forwards: 70', 'Content-Length: 0'];
  return octets(`${[startLine, ...headers].join('\r\n')}\r\n\r\n`);
}

/** An RTP packet with PCMU (RFC 3550 section 5.1). */
export function rtpPacket(sequence: number, timestamp: number, ssrc: number, payloadLength = 160): Uint8Array {
  const view = new DataView(new ArrayBuffer(12 + payloadLength));
  view.setUint8(0, 0x80);
  view.setUint16(2, sequence);
  view.setUint32(4, timestamp);
  view.setUint32(8, ssrc);
  return new Uint8Array(view.buffer);
}

export const alice = { host: '127.0.0.11', port: 5060 };
export const bob = { host: '127.0.0.12', port: 5060 };
export const carol = { host: '::1', port: 5060 };
export const dave = { host: '2001:db8::10', port: 5060 };

/** Packets that differ in every way a writer must care about: family, transport, direction, odd and even length, emptiness. */
export function assortment(): CapturedPacket[] {
  const start = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const invite = sipMessage('INVITE sip:bob@127.0.0.12 SIP/2.0', 'udp-v4', '1 INVITE');
  const options = sipMessage('OPTIONS sip:bob@127.0.0.12 SIP/2.0', 'tcp-in-two', '7 OPTIONS');
  const ok = sipMessage('SIP/2.0 200 OK', 'tcp-in-two', '7 OPTIONS');
  const client = { host: alice.host, port: 40_001 };
  const exchanges: Omit<CapturedPacket, 'at'>[] = [
    { transport: 'udp', source: alice, destination: bob, bytes: invite },
    { transport: 'udp', source: carol, destination: dave, bytes: sipMessage('BYE sip:dave@[::1] SIP/2.0', 'udp-v6', '2 BYE') },
    { transport: 'udp', source: bob, destination: alice, bytes: sipMessage('SIP/2.0 486 Busy  Here', 'udp-v4', '1 INVITE') },
    { transport: 'udp', source: { host: alice.host, port: 4000 }, destination: { host: bob.host, port: 4002 }, bytes: rtpPacket(65_535, 160, 0xdeadbeef) },
    { transport: 'udp', source: { host: alice.host, port: 4000 }, destination: { host: bob.host, port: 4002 }, bytes: rtpPacket(0, 320, 0xdeadbeef, 33) },
    { transport: 'tcp', source: client, destination: bob, bytes: options.subarray(0, 101) },
    { transport: 'tcp', source: client, destination: bob, bytes: options.subarray(101) },
    { transport: 'tcp', source: bob, destination: client, bytes: ok },
    { transport: 'tcp', source: client, destination: bob, bytes: sipMessage('OPTIONS sip:bob@127.0.0.12 SIP/2.0', 'tcp-again', '8 OPTIONS') },
    { transport: 'tcp', source: { ...carol, port: 40_002 }, destination: dave, bytes: sipMessage('OPTIONS sip:dave@[::1] SIP/2.0', 'tcp-v6', '9 OPTIONS') },
    { transport: 'udp', source: alice, destination: bob, bytes: new Uint8Array(0) },
  ];
  return exchanges.map((exchange, index) => ({ at: start + index * 20.125, ...exchange }));
}
