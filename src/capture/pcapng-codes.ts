/** Block types of a pcapng file (IETF draft-ietf-opsawg-pcapng section 4). */
export const BlockType = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 1,
  /** Obsolete, still met in old files. */
  packet: 2,
  simplePacket: 3,
  nameResolution: 4,
  enhancedPacket: 6,
} as const;

/** Option codes; those from 2 on mean what they do only in their own block. */
export const OptionCode = {
  end: 0,
  comment: 1,
  /** In a section header: `shb_userappl`. */
  userApplication: 4,
  /** In an interface description: `if_name`. */
  interfaceName: 2,
  /** In an interface description: `if_tsresol`. */
  timeResolution: 9,
  /** In an interface description: `if_tsoffset`. */
  timeOffset: 14,
} as const;

export const NameRecordType = { ipv4: 1, ipv6: 2 } as const;
