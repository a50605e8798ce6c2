import { type CapturedPacket, readCapture, writePcap } from '../../src/capture';
import { buildRtp, encodeSamples, HOLD_TONE, toneSamples } from '../../src/media';
import { TraceModel } from '../../src/trace';
import { type BenchResult, compareRates } from '../support/measure';

const calls = 20;
/** One packet of each side each 20 ms, for ten seconds. */
const packetsOfSide = 500;

/** Packets of a capture read per second, from the octets of its file to streams and verdicts: calls whose RTP is in it. */
export async function bench(): Promise<BenchResult[]> {
  const file = writePcap(packets());
  const rates = compareRates(calls * 2 * packetsOfSide, { ours: () => read(file) }, { rounds: 10, slice: 200 });
  return [{ bench: 'capture with RTP', unit: 'packets/s', ...rates, ratio: Number.NaN }];
}

function read(file: Uint8Array): number {
  return TraceModel.from(readCapture(file).packets).streams.reduce((sum, { packets: count }) => sum + count, 0);
}

function packets(): CapturedPacket[] {
  const tone = encodeSamples(toneSamples(HOLD_TONE, 160), 'pcmu');
  const all = Array.from({ length: calls }, (_, index) => packetsOfCall(index, tone)).flat();
  return all.sort((a, b) => a.at - b.at);
}

function packetsOfCall(index: number, tone: Uint8Array): CapturedPacket[] {
  const hosts = [`10.0.0.${index + 1}`, `10.0.1.${index + 1}`] as const;
  const start = 50 * index;
  const message = (at: number, from: 0 | 1, line: string, sequence: string): CapturedPacket => {
    const body = sequence === '1 ACK' ? '' : `v=0\r\no=- 1 1 IN IP4 ${hosts[from]}\r\ns=-\r\nc=IN IP4 ${hosts[from]}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n`;
    const lines = [
      line,
      `Via: SIP/2.0/UDP ${hosts[0]};branch=z9hG4bK${index}${sequence.slice(2)}`,
      `From: <sip:a@${hosts[0]}>;tag=a${index}`,
      `To: <sip:b@${hosts[1]}>${from === 1 || body === '' ? `;tag=b${index}` : ''}`,
      `Call-ID: c${index}`,
      `CSeq: ${sequence}`,
      'Max-Forwards: 70',
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ];
    return { at, transport: 'udp', source: { host: hosts[from], port: 5060 }, destination: { host: hosts[1 - from] ?? '', port: 5060 }, bytes: Buffer.from(lines.join('\r\n')) };
  };
  const media = ([0, 1] as const).flatMap((from) =>
    Array.from({ length: packetsOfSide }, (_, count): CapturedPacket => ({
      at: start + 30 + 20 * count + from,
      transport: 'udp',
      source: { host: hosts[from], port: 4000 },
      destination: { host: hosts[1 - from] ?? '', port: 4000 },
      bytes: buildRtp({ payloadType: 0, sequence: count, timestamp: 160 * count, ssrc: 2 * index + from, payload: tone }),
    })),
  );
  return [message(start, 0, `INVITE sip:b@${hosts[1]} SIP/2.0`, '1 INVITE'), message(start + 10, 1, 'SIP/2.0 200 OK', '1 INVITE'), message(start + 20, 0, `ACK sip:b@${hosts[1]} SIP/2.0`, '1 ACK'), ...media];
}
