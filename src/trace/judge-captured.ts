import type { Milliseconds } from '../core';
import type { SocketAddress } from '../net';
import { type CallRecord, otherSide, type Side } from './call';
import type { Moment } from './judge';
import type { TraceMedia } from './media';
import { mediaDirection } from './media-direction';
import { sameParty } from './party';
import type { TransferRecord } from './transfer-record';
import { nameIn, notMeasured } from './words';

/** Some phones that suppress silence send a packet every five seconds and nothing else: no audio for so long is none. */
const patience: Milliseconds = 10_000;
/** Two frames: what was under way when the call was answered is none of its audio. */
const underWay: Milliseconds = 40;
/** What was sent this shortly before the end of what is known is still being sent. */
const justNow: Milliseconds = 1_000;

const notInCapture = 'the media was not in the capture';

/** Who must be seen to send to whom: the two ends of the new call, from the transferee's side. */
interface NewCall {
  readonly transfer: TransferRecord;
  readonly media: TraceMedia;
  readonly call: CallRecord;
  /** The transferee's side of it. */
  readonly side: Side;
  readonly upAt: Milliseconds;
  /** When it ended, or how far the capture is known. */
  readonly until: Milliseconds;
  readonly moment: Moment;
}

/** What the media say of a transfer: why it failed, or what is to be added to the sentence of its success. */
type Finding = { readonly fault: string } | { readonly addition: string } | { readonly caveat: string };

/**
 * The verdict on a transfer in a stranger's capture whose signalling is done. That audio was sent is not that it was heard, and
 * a capture is taken at one place: what it lacks has failed only where it would have been seen. Returns when to judge again.
 */
export function judgeCaptured(transfer: TransferRecord, media: TraceMedia, moment: Moment, by: string | undefined): Milliseconds | undefined {
  const { survivingCall: call } = transfer;
  const own = transfer.rule?.caveat?.();
  const signalled = transfer.signalledAt ?? moment.now;
  const settledAt = signalled + moment.settleTime;
  // Voice that is missing so far may only be late: TXREL may have to be repeated.
  if (own !== undefined && own !== '' && !moment.over && moment.now < settledAt) {
    transfer.isSignalled = true;
    return settledAt;
  }
  if (call === undefined || own !== undefined) {
    if (own === undefined || own === notMeasured) transfer.caveat = media.streams.length === 0 ? notInCapture : 'the new call was not in the capture';
    else transfer.caveat = own;
    // A rule that looks at voice itself, and misses none of it.
    if (own === '' && call !== undefined) transfer.addition = 'audio went both ways';
    transfer.decide('success', signalled, by, '');
    return undefined;
  }
  const seen = newCall(transfer, media, call, moment);
  const due = seen.upAt + patience;
  if (!moment.over && moment.now < due && bothWays(seen) === undefined) {
    transfer.isSignalled = true;
    return due;
  }
  const finding = find(seen);
  if ('fault' in finding) {
    transfer.decide('failed', moment.now, by, `the phones say that it worked, but ${finding.fault}`);
    return undefined;
  }
  if ('caveat' in finding) transfer.caveat = finding.caveat;
  else transfer.addition = finding.addition;
  transfer.decide('success', signalled, by, '');
  return undefined;
}

function newCall(transfer: TransferRecord, media: TraceMedia, call: CallRecord, moment: Moment): NewCall {
  const { transferee } = transfer;
  const isCallee = call.callee === transferee || (call.caller !== transferee && !sameParty(call.caller, transferee) && sameParty(call.callee, transferee));
  const upAt = call.upAt ?? moment.now;
  return { transfer, media, call, side: isCallee ? 'callee' : 'caller', upAt, until: call.endedAt ?? moment.now, moment };
}

function find(seen: NewCall): Finding {
  const { media, transfer, side, upAt, until, call, moment } = seen;
  const both = bothWays(seen);
  if (both !== undefined) return { addition: both };
  if (media.streams.length === 0) return { caveat: notInCapture };
  const [there, back] = [sent(seen, side), sent(seen, otherSide(side))];
  const [transferee, target] = [nameIn(transfer.transferee), nameIn(transfer.target)];
  const silentSides = [...(there.length === 0 ? [side] : []), ...(back.length === 0 ? [otherSide(side)] : [])];
  const [from, to] = there.length === 0 ? [transferee, target] : [target, transferee];
  const isNone = silentSides.length === 2;
  const onlyOne = isNone ? 'no audio of the new call was in the capture' : `only the audio of ${to} was in the capture`;
  if (until - upAt < moment.settleTime) return { caveat: `${onlyOne}, which tells little: ${call.isOver ? 'the new call ended' : 'the capture ends'} ${seconds(until - upAt)} after its answer` };
  if (isNone && isDeadFromTheStart(call)) return { fault: `no audio went between ${transferee} and ${target}` };
  // Who is on hold sends nothing, or is not sent anything.
  if (call.held.caller || call.held.callee || silentSides.some((one) => mayKeepStill(seen, one))) return { caveat: onlyOne };
  if (there.length === 0) {
    const { transferor } = transfer;
    if (stillSendsToTransferor(seen)) return { fault: `${transferee} still sends audio to ${nameIn(transferor)} and none to ${target}` };
  }
  if (isNone) return isInSight(seen) ? { fault: `no audio went between ${transferee} and ${target}` } : { caveat: onlyOne };
  return wouldBeSeen(seen, silentSides[0] ?? side) ? { fault: `no audio came from ${from} to ${to}` } : { caveat: onlyOne };
}

/** `audio went both ways`, if it did. */
function bothWays(seen: NewCall): string | undefined {
  const { transfer, side } = seen;
  const [there, back] = [sent(seen, side), sent(seen, otherSide(side))];
  if (there.length === 0 || back.length === 0) return undefined;
  const isEncrypted = [...there, ...back].some((stream) => stream.isEncrypted);
  const silent = [
    ...(there.every(({ isSilent }) => isSilent) ? [nameIn(transfer.transferee)] : []),
    ...(back.every(({ isSilent }) => isSilent) ? [nameIn(transfer.target)] : []),
  ];
  const though = silent.length === 0 ? '' : `, though ${silent.join(' and ')} sent only silence`;
  return `${isEncrypted ? 'encrypted audio' : 'audio'} went both ways${though}`;
}

/** What a side has sent in the new call after it was answered. */
function sent({ media, call, upAt }: NewCall, side: Side): ReturnType<TraceMedia['audioOf']> {
  return media.audioOf(call, side).filter(({ until }) => until >= upAt + underWay);
}

/** Whether a side may rightly have sent nothing: by what it said itself, or by what the other allowed it (RFC 3264 section 6.1). */
function mayKeepStill({ media, call }: NewCall, side: Side): boolean {
  const own = media.saidOf(call, side);
  const other = media.saidOf(call, otherSide(side));
  const isForbidden = own?.direction === 'recvonly' || own?.direction === 'inactive' || other?.direction === 'sendonly' || other?.direction === 'inactive';
  return isForbidden || own?.mayFallSilent === true;
}

/** Whether a call was asked for without audio and never got any: no hold of somebody's, for nobody was connected before it. */
function isDeadFromTheStart({ invite, held }: CallRecord): boolean {
  const offered = invite.sip === undefined ? undefined : mediaDirection(invite.sip);
  return (offered === 'inactive' || offered === 'c0') && (held.caller || held.callee);
}

/** Whether the transferee sends to the transferor as before, though the new call is long up. */
function stillSendsToTransferor({ transfer, media, call, upAt, until, moment }: NewCall): boolean {
  const { transferee, replacedCalls } = transfer;
  return replacedCalls.some((replaced) => {
    if (replaced === call) return false;
    const side = (['caller', 'callee'] as const).find((one) => sameParty(replaced[one], transferee));
    if (side === undefined) return false;
    return media.audioOf(replaced, side).some((stream) => stream.until >= upAt + moment.settleTime && stream.until >= until - justNow);
  });
}

/**
 * Whether the capture would have what a side did not send: it has what goes to the other's host, or what comes from this one's,
 * from somebody at least.
 */
function wouldBeSeen(seen: NewCall, silent: Side): boolean {
  const other = otherSide(silent);
  const received = sent(seen, other);
  const hostsOf = (side: Side, actual: readonly (string | undefined)[]): ReadonlySet<string | undefined> => new Set([seen.media.saidOf(seen.call, side)?.host, ...actual]);
  const silentHosts = hostsOf(silent, received.map(({ destination }) => destination.host));
  const otherHosts = hostsOf(other, received.map(({ source }) => source.host));
  return seen.media.streams.some(({ source, destination }) => silentHosts.has(source.host) || otherHosts.has(destination.host)) || isInSight(seen);
}

/**
 * Whether the two ends are where their media are, and the capture has signalling that went straight between them both ways, and
 * media of one of them at least.
 */
function isInSight({ media, call }: NewCall): boolean {
  // The media of IAX2 go where its signalling goes.
  if (call.leg !== undefined) return call.leg.seen.caller && call.leg.seen.callee;
  const [caller, callee] = [media.saidOf(call, 'caller')?.host, media.saidOf(call, 'callee')?.host];
  const { invite, final } = call;
  if (caller === undefined || callee === undefined || final === undefined) return false;
  const isOfThem = ({ host }: SocketAddress): boolean => host === caller || host === callee;
  if (!media.streams.some(({ source, destination }) => isOfThem(source) || isOfThem(destination))) return false;
  const isThere = invite.source.host === caller && invite.destination.host === callee;
  return isThere && final.source.host === callee && final.destination.host === caller;
}

function seconds(duration: Milliseconds): string {
  return `${(duration / 1_000).toFixed(1)} s`;
}
