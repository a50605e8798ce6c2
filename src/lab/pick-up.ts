import { CallLabError } from '../core';
import { formatReplaces, parseUri, type SipUri } from '../sip';
import type { SipCall } from './sip-call';
import type { Directory } from './directory';
import type { TakeableCall } from './early-call';
import type { SipPhone } from './sip-phone';

/** `charlie pick-up [alice from] bob [barge]`. */
export interface PickUp {
  /** Whose call, where several ring there. */
  readonly call?: string | undefined;
  /** Where it rings. */
  readonly target: string;
  /** Takes a call that has been answered as well. */
  readonly barge?: boolean | undefined;
}

/**
 * Takes a call that rings at another phone: INVITE with Replaces and early-only to its caller, who then gives up on that
 * phone (RFC 3891, RFC 5359 section 2.16). `holdOthers` puts whoever the person talks to on hold.
 */
export async function pickUp(phone: SipPhone, wanted: PickUp, directory: Directory, holdOthers: () => Promise<void>): Promise<string> {
  const taken = choose(phone, wanted);
  const uri = callable(taken, directory);
  if (directory.nameBehind(uri) === phone.name) throw new CallLabError('CL3003', `${phone.name} cannot pick up its own call`);
  await holdOthers();
  // The other party knows the dialog with the tags the other way round (reference 10.1).
  const { callId, localTag, remoteTag } = taken;
  const replaces = formatReplaces({ callId, toTag: remoteTag, fromTag: localTag, earlyOnly: wanted.barge !== true });
  // RFC 3891 4: a phone that does not know Replaces must not simply ring.
  const call = await phone.placeAt(uri, [['Replaces', replaces], ['Require', 'replaces']]);
  await phone.until(() => call.isUp || call.hasEnded);
  if (call.hasEnded) throw new CallLabError('CL3014', `${phone.name} could not pick up the call at ${taken.at}: ${failureOf(call, taken)}`);
  return `${taken.isAnswered ? 'took over' : 'picked up'} the call at ${taken.at}: talking to ${call.peer}`;
}

/** The calls at `target` that `phone` knows of: by dialog-info, and what that does not tell because the phone is one of ours. */
export function takeableAt(phone: SipPhone, target: string): readonly TakeableCall[] {
  const watched = phone.watch?.watching.takeable(target) ?? [];
  const told = new Set(watched.map(({ callId }) => callId));
  return [...watched, ...(phone.watch?.neighboursCalls(target) ?? []).filter(({ callId }) => !told.has(callId))];
}

/** All that `phone` could take, those that ring first. */
export function allTakeable(phone: SipPhone): readonly TakeableCall[] {
  const places = new Set([...(phone.watch?.watching.targets ?? []), ...(phone.watch?.neighbours ?? [])]);
  const all = [...places].flatMap((place) => takeableAt(phone, place));
  const known = new Map<string, TakeableCall>();
  for (const call of all) {
    // Not the caller's end of a call that rings; and of a call that is up, which both ends tell of, one end is enough.
    if ((!call.isAnswered && call.isCallee === false) || known.has(call.callId) || call.peer === phone.name) continue;
    known.set(call.callId, call);
  }
  return [...known.values()].sort((a, b) => Number(a.isAnswered) - Number(b.isAnswered));
}

function choose(phone: SipPhone, { call, target, barge }: PickUp): TakeableCall {
  const fitting = takeableAt(phone, target).filter(({ peer, target: uri }) => call === undefined || call === peer || call === uri);
  // Nobody means by "pick up at bob" a call that bob is making; who names it gets it tried, and refused by RFC 3891.
  const ringing = fitting.filter(({ isAnswered, isCallee }) => !isAnswered && (isCallee !== false || call !== undefined));
  const able = ringing.length > 0 ? ringing : fitting.filter(({ isAnswered }) => isAnswered && barge === true);
  const [first, second] = able;
  if (first === undefined) throw new CallLabError('CL3003', `${phone.name} cannot pick up at ${target}: ${whyNone(phone, target, fitting)}`);
  if (second === undefined) return first;
  const peers = able.map(({ peer }) => peer).join(', ');
  throw new CallLabError('CL3006', `${phone.name} cannot pick up at ${target}: several calls fit (${peers}); name one, as in "${first.peer} from ${target}"`);
}

function whyNone(phone: SipPhone, target: string, fitting: readonly TakeableCall[]): string {
  const [first] = fitting;
  if (first?.isAnswered === true) return `${target} has answered ${first.peer}; "barge" takes the call all the same`;
  if (first !== undefined) return `${target} is the caller, and only a caller can be made to give up (RFC 3891 section 3)`;
  const info = phone.watch?.watching.find(target);
  if (info === undefined) return phone.watch?.neighbours.includes(target) === true ? 'nothing rings there' : `${phone.name} does not watch it`;
  if (info.calls.length === 0) return info.phase === 'active' ? 'nothing rings there' : `it is not told what rings there (${info.why})`;
  // A PBX mostly leaves the identifiers out; and before the first response with a tag there are none (reference 11).
  return 'what it is told of the call names no Call-ID and tags';
}

function callable({ target, at }: TakeableCall, directory: Directory): SipUri {
  let uri: SipUri;
  try {
    uri = parseUri(target);
  } catch {
    throw new CallLabError('CL2002', `The call at ${at} has a caller that cannot be reached: "${target}" is no URI`);
  }
  const refusal = directory.refusalToCall(uri);
  if (refusal !== undefined) throw new CallLabError('CL1002', refusal);
  return uri;
}

/** The answers of RFC 3891 section 3, in words. */
function failureOf(call: SipCall, { peer, at }: TakeableCall): string {
  const status = call.session.endCause?.status ?? 0;
  switch (status) {
    case 486:
      return `${at} had answered it already (486)`;
    case 603:
      return 'it was over already (603)';
    case 481:
      return `${peer} knows no such call, or did not make it (481)`;
    case 420:
      return `${peer} does not know Replaces (420)`;
    case 488:
      return `no audio in common with ${peer} (488)`;
    case 401:
    case 403:
    case 407:
      return `${peer} does not allow it (${String(status)})`;
    default:
      return `${String(status)} ${call.session.endCause?.text ?? ''}`.trim();
  }
}
