import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readCapture } from '../../src/capture';

/** The datagrams of every capture of real IAX2, in their order. */
export function iaxDatagrams(): Buffer[] {
  const folder = path.join(__dirname, '../fixtures/iax2');
  const files = readdirSync(folder).filter((file) => file.endsWith('.pcap')).sort();
  return files.flatMap((file) => readCapture(readFileSync(path.join(folder, file))).packets.map(({ bytes }) => Buffer.from(bytes)));
}

/** One of each kind among them, by type, subclass and length, and frames of kinds that no capture has. */
export function iaxSamples(): Buffer[] {
  const kinds = new Map<string, Buffer>();
  for (const bytes of iaxDatagrams()) {
    const isFull = ((bytes[0] ?? 0) & 0x80) !== 0;
    const key = isFull ? `${String(bytes[10])} ${String(bytes[11])} ${String(bytes.length)}` : `mini ${String(bytes.length)}`;
    if (!kinds.has(key)) kinds.set(key, bytes);
  }
  const derived = ['00000101000004d2000407d107ee7f7f7f7f', '00000100000004d207d100047f7f7f7f07d200047e7e7e7e', '000087d1806401020304', '87d11458000007da0205028c7f7f7f7f'];
  return [...kinds.values(), ...derived.map((hex) => Buffer.from(hex, 'hex'))];
}
