import type { ElementValues, FullFrame } from './frame';
import { cutText } from './text';

/** Why a call was refused or ended: a code of Q.850, and a text for people. */
export interface Cause {
  /** 0 to 127. */
  readonly code: number;
  /** As the peer wrote it, when it wrote one: untrusted. */
  readonly text: string;
}

/** The causes that this engine gives, or that are met often (reference section 2.4; Q.850). */
export const causes = {
  noRoute: { code: 3, text: 'No such extension' },
  normal: { code: 16, text: 'Normal clearing' },
  busy: { code: 17, text: 'Busy' },
  noAnswer: { code: 19, text: 'No answer' },
  rejected: { code: 21, text: 'Call rejected' },
  outOfOrder: { code: 27, text: 'The other side does not answer any more' },
  facilityRejected: { code: 29, text: 'Registration Refused' },
  noCircuit: { code: 34, text: 'Too many calls from one address' },
  networkOutOfOrder: { code: 38, text: 'Network out of order' },
  congestion: { code: 42, text: 'All call numbers of this server are in use' },
  notSubscribed: { code: 50, text: 'No authority found' },
  incompatible: { code: 58, text: 'Unable to negotiate codec' },
  unknownCall: { code: 81, text: 'The other side knows nothing of this call' },
} as const satisfies Readonly<Record<string, Cause>>;

const texts: ReadonlyMap<number, string> = new Map<number, string>([
  ...Object.values(causes).map(({ code, text }) => [code, text] as const),
  [1, 'Unallocated number'],
  [18, 'No user responding'],
  [20, 'Subscriber absent'],
  [22, 'Number changed'],
  [28, 'Invalid number format'],
  [31, 'Normal, unspecified'],
  [41, 'Temporary failure'],
  [44, 'Requested channel not available'],
  [79, 'Service not implemented'],
  [88, 'Incompatible destination'],
  [102, 'Recovery on timer expiry'],
  [111, 'Protocol error'],
  [127, 'Interworking, unspecified'],
]);

/** A cause by its code alone, with the words that belong to it. */
export function causeOf(code: number): Cause {
  return { code, text: texts.get(code) ?? `Cause ${String(code)}` };
}

/** The longest text that goes out, in octets: nobody shows more. */
const longestText = 200;

/** CAUSE and CAUSE CODE, in this order, as Asterisk writes them. */
export function causeElements({ code, text }: Cause): ElementValues {
  return { cause: cutText(text, longestText), causeCode: code & 0x7f };
}

/** The cause of a HANGUP, a REJECT or a REGREJ; `fallback` where the frame gives none. */
export function readCause(frame: FullFrame, fallback: Cause): Cause {
  const code = frame.element('causeCode');
  const text = frame.element('cause');
  if (code === undefined) return text === undefined || text === '' ? fallback : { code: fallback.code, text };
  return { code, text: text === undefined || text === '' ? causeOf(code).text : text };
}
