import type { Milliseconds } from '../../core';
import { canonicalHost, formatAddress, type SocketAddress } from '../../net';
import { type CallRecord, otherSide, type Side } from '../call';
import { isZeroHost } from '../media-direction';
import type { MessageRecord } from '../message';
import { readSdpMedia, type SdpMedia } from '../sdp-media';

/** Somebody's word that they want media at an address. */
export interface Announcement {
  readonly call: CallRecord;
  readonly side: Side;
  /** Who said so: the phone itself, or a server that put its own address into the SDP. */
  readonly by: SocketAddress;
  readonly media: SdpMedia;
}

/** An address that SDP has announced, and for which calls. */
export class MediaAddress {
  readonly host: string;
  readonly port: number;
  /** One for each call and side, the newest last. */
  announcements: readonly Announcement[] = [];
  announcedAt: Milliseconds = 0;

  constructor({ host, port }: SocketAddress) {
    this.host = host;
    this.port = port;
  }

  announce(announcement: Announcement, at: Milliseconds): void {
    this.announcedAt = at;
    const isSame = ({ call, side }: Announcement): boolean => call === announcement.call && side === announcement.side;
    const before = this.announcements.find(isSame);
    // A proxy that passes an SDP on has announced nothing; the phone itself is the better word.
    const by = before !== undefined && announcement.by.host !== this.host ? before.by : announcement.by;
    // A port is used again by a later call, and by several at once only where a server keeps media away from itself.
    const others = this.announcements.filter((other) => !isSame(other) && !other.call.isOver);
    this.announcements = [...others.slice(1 - mostAtOnce), { ...announcement, by }];
  }
}

const mostAtOnce = 8;

/** The addresses where somebody wants media, by the SDP of a trace (RFC 4566, RFC 3264). */
export class Announcements {
  /** What each side of a call has said of its audio last. */
  readonly #audio = new WeakMap<CallRecord, Partial<Record<Side, SdpMedia>>>();
  readonly #byAddress = new Map<string, MediaAddress>();
  readonly #byPort = new Map<number, MediaAddress[]>();

  /** Learns what a message of a call says of media; the addresses that it names. */
  learn(record: MessageRecord): readonly MediaAddress[] {
    const { call, sip } = record;
    if (call === undefined || sip === undefined || record.retransmissionOf !== undefined) return [];
    const side = sideOf(record, call);
    const named: MediaAddress[] = [];
    const descriptions = readSdpMedia(sip).filter((media) => isRtp(media) && media.port > 0);
    const audio = descriptions.find(({ kind }) => kind === 'audio');
    if (audio !== undefined) this.#audio.set(call, { ...this.#audio.get(call), [side]: audio });
    for (const media of descriptions) {
      for (const address of addressesOf(media)) {
        const known = this.#at(address);
        known.announce({ call, side, by: record.source, media }, record.at);
        named.push(known);
      }
    }
    return named;
  }

  audioOf(call: CallRecord, side: Side): SdpMedia | undefined {
    return this.#audio.get(call)?.[side];
  }

  find(address: SocketAddress): MediaAddress | undefined {
    return this.#byAddress.get(formatAddress(address));
  }

  /**
   * The two announced addresses of one call that have the ports of a packet, where its hosts are not those that were
   * announced: a NAT has changed them.
   */
  findByPorts(source: number, destination: number): { readonly source: MediaAddress; readonly destination: MediaAddress } | undefined {
    for (const from of this.#byPort.get(source) ?? []) {
      for (const to of this.#byPort.get(destination) ?? []) {
        const isOfOneCall = from.announcements.some((a) => to.announcements.some((b) => a.call === b.call && a.side !== b.side));
        if (isOfOneCall) return { source: from, destination: to };
      }
    }
    return undefined;
  }

  #at(address: SocketAddress): MediaAddress {
    const key = formatAddress(address);
    const known = this.#byAddress.get(key);
    if (known !== undefined) return known;
    const made = new MediaAddress(address);
    this.#byAddress.set(key, made);
    this.#byPort.set(made.port, [...(this.#byPort.get(made.port) ?? []), made].slice(-mostAtOnce));
    return made;
  }
}

/** Who has sent a message of a call: a request comes from whose tag is in its From, an answer from the other. */
function sideOf({ facts }: MessageRecord, { invite }: CallRecord): Side {
  const isRequest = facts?.status === undefined;
  const requester: Side = facts?.fromTag === invite.facts?.fromTag ? 'caller' : 'callee';
  return isRequest ? requester : otherSide(requester);
}

function isRtp({ kind, protocol }: SdpMedia): boolean {
  return (kind === 'audio' || kind === 'video') && /RTP\/S?AVPF?$/.test(protocol);
}

function addressesOf({ host, port, candidates }: SdpMedia): readonly SocketAddress[] {
  const canonical = host === undefined || isZeroHost(host) ? undefined : canonicalHost(host);
  return canonical === undefined ? candidates : [{ host: canonical, port }, ...candidates];
}
