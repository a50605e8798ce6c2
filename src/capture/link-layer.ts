/** Link types this code reads (tcpdump.org/linktypes.html); it writes `raw`. */
export const LinkType = {
  null: 0,
  ethernet: 1,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_VLAN: readonly number[] = [0x8100, 0x88a8];

/** Whether frames of this link type can be read. */
export function isReadableLink(linkType: number): boolean {
  return Object.values<number>(LinkType).includes(linkType);
}

/** The IP packet in a frame; undefined when the frame holds something else. */
export function ipPacketOf(linkType: number, frame: Uint8Array): Uint8Array | undefined {
  switch (linkType) {
    case LinkType.raw:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return frame;
    // Four octets of address family, whose number and octet order differ by system; the IP version says the same.
    case LinkType.null:
    case LinkType.loop:
      return frame.subarray(4);
    case LinkType.ethernet:
      return afterEthertype(frame, 12);
    case LinkType.linuxCooked:
      return afterEthertype(frame, 14);
    case LinkType.linuxCooked2:
      return isIp(uint16(frame, 0)) ? frame.subarray(20) : undefined;
    default:
      return undefined;
  }
}

/** What follows the ethertype at `at`, past VLAN tags (IEEE 802.1Q), when it is IP. */
function afterEthertype(frame: Uint8Array, at: number): Uint8Array | undefined {
  while (ETHERTYPE_VLAN.includes(uint16(frame, at))) at += 4;
  return isIp(uint16(frame, at)) ? frame.subarray(at + 2) : undefined;
}

function isIp(ethertype: number): boolean {
  return ethertype === ETHERTYPE_IPV4 || ethertype === ETHERTYPE_IPV6;
}

/** Zero beyond the end. */
function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
