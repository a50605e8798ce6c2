import { type CodecName, codecName, codecs, type ElementValues, type FullFrame } from '../frame';

/** What a caller offers (IAX2 reference 4.5). */
export interface CodecOffer {
  /** His favourite; 0n when he names none. */
  readonly format: bigint;
  /** All that he can use. */
  readonly capability: bigint;
}

/** CODEC PREFS: the letters that mean the same to everybody (IAX2 reference 4.5). */
const letters: ReadonlyMap<CodecName, string> = new Map<CodecName, string>([
  ['G.723.1', 'B'],
  ['GSM', 'C'],
  ['PCMU', 'D'],
  ['PCMA', 'E'],
  ['ADPCM', 'G'],
  ['SLIN', 'H'],
  ['LPC10', 'I'],
  ['G.729', 'J'],
  ['Speex', 'K'],
]);

export function maskOf(names: readonly CodecName[]): bigint {
  return names.reduce((mask, name) => mask | BigInt(codecs[name]), 0n);
}

/** FORMAT, CAPABILITY and CODEC PREFS of a NEW, the favourite first. */
export function offerElements(names: readonly CodecName[]): ElementValues {
  const [favourite] = names;
  const preferences = names.map((name) => letters.get(name) ?? '').join('');
  const wide = maskOf(names);
  return {
    codecPreferences: preferences,
    format: favourite === undefined ? 0 : narrow(BigInt(codecs[favourite])),
    capability: narrow(wide),
    // Codecs beyond the 32nd bit are only in the long form.
    ...(wide > 0xffff_ffffn ? { capability2: { version: 0, mask: wide } } : {}),
  };
}

export function readOffer(frame: FullFrame): CodecOffer {
  const format = readMask(frame, 'format') ?? 0n;
  // IAX2 reference 4.5: without CAPABILITY only FORMAT counts.
  return { format, capability: (readMask(frame, 'capability') ?? 0n) | format };
}

/** What both can use: the caller's favourite if it is ours, else the first of ours. Undefined when there is none (cause 58). */
export function chooseCodec(ours: readonly CodecName[], { format, capability }: CodecOffer): CodecName | undefined {
  const common = ours.filter((name) => (capability & BigInt(codecs[name])) !== 0n);
  return common.find((name) => BigInt(codecs[name]) === format) ?? common[0];
}

/** FORMAT and FORMAT2 of an ACCEPT, as Asterisk writes them. */
export function acceptElements(name: CodecName): ElementValues {
  const mask = BigInt(codecs[name]);
  return { format: narrow(mask), format2: { version: 0, mask } };
}

/** The one codec that an ACCEPT names; undefined when it names none, several, or one without a name. */
export function acceptedCodec(frame: FullFrame): CodecName | undefined {
  const format = readMask(frame, 'format');
  return format === undefined ? undefined : codecName(Number(format));
}

/** IAX2 reference 2.4: the long form wins where its version is 0. */
function readMask(frame: FullFrame, name: 'format' | 'capability'): bigint | undefined {
  const wide = frame.element(name === 'format' ? 'format2' : 'capability2');
  if (wide?.version === 0) return wide.mask;
  const mask = frame.element(name);
  return mask === undefined ? undefined : BigInt(mask);
}

function narrow(mask: bigint): number {
  return Number(mask & 0xffff_ffffn);
}
