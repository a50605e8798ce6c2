import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { peerPath } from '../../support/peers';

const execute = promisify(execFile);

/** What tshark makes of one frame. */
export interface Dissection {
  readonly number: string;
  /** `ip:udp:sip:sdp` */
  readonly protocols: readonly string[];
  /** The method or status of each SIP message that ends in this frame. */
  readonly sip: readonly string[];
  readonly malformed: boolean;
  /** Of warnings and errors. */
  readonly complaints: readonly string[];
}

/** Severities of Wireshark's experts from "warning" on. */
const complaining = new Set(['6291456', '8388608', 'Warning', 'Error']);

/** The ports are odd ones, so it is told to look at the octets before the ports. */
const byOctets: readonly string[] = ['-o', 'udp.try_heuristic_first:TRUE', '-o', 'tcp.try_heuristic_first:TRUE'];

/** Lets tshark dissect a capture; `options` say how it is to find the protocols. */
export async function dissect(file: string, options: readonly string[] = byOctets): Promise<readonly Dissection[]> {
  const fields = [
    ...['frame.number', 'frame.protocols', 'sip.Method', 'sip.Status-Code'],
    ...['_ws.malformed', '_ws.expert.severity', '_ws.expert.message'],
  ];
  const { stdout } = await execute(
    peerPath('tshark'),
    [
      ...['-n', '-r', file, ...options],
      ...['-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=|'],
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { maxBuffer: 64 * 1024 * 1024, timeout: 20_000 },
  );
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [number = '', protocols = '', methods = '', statuses = '', malformed = '', severities = '', messages = ''] = line.split('\t');
      const texts = list(messages);
      return {
        number,
        protocols: protocols.split(':'),
        sip: [...list(methods), ...list(statuses)],
        malformed: malformed !== '',
        complaints: list(severities).flatMap((severity, index) => (complaining.has(severity) ? [texts[index] ?? severity] : [])),
      };
    });
}

function list(field: string): string[] {
  return field === '' ? [] : field.split('|');
}
