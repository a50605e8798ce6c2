/** The failures of IAX2 in the field that a lint looks for. */
export const iaxLintIds = [
  'iax-unacknowledged',
  'iax-token-refused',
  'iax-no-unquelch',
  'iax-hangup-after-txrel',
  'iax-ping-after-txrel',
  'iax-txrel-out-of-state',
  'iax-txreq-repeated',
  'iax-txreq-incomplete',
  'iax-txreq-too-early',
  'iax-apparent-address',
  'iax-mini-before-full',
  'iax-transfer-unknown-number',
  'iax-transfer-without-number',
  'iax-element-cut',
  'iax-wrong-call-number',
  'iax-wrong-source',
  'iax-plaintext-password',
] as const;

export type IaxLintId = (typeof iaxLintIds)[number];

/** What each is about, where it is written how it should be, and what to do about it. */
export const iaxLintRules: readonly { readonly id: IaxLintId; readonly title: string; readonly rule: string; readonly remedy: string }[] = [
  {
    id: 'iax-unacknowledged',
    title: 'A frame that nobody acknowledged',
    rule: 'RFC 5456 section 7.2, IAX2 reference 3.2',
    remedy: 'Answer each full frame but ACK, INVAL, VNAK, TXCNT and TXACC at once, HANGUP and REJECT before the leg is forgotten.',
  },
  {
    id: 'iax-token-refused',
    title: 'A call or registration refused for its call token',
    rule: 'IAX2 reference 4.3',
    remedy: 'Send NEW and REGREQ with an empty CALLTOKEN, and again with the token that comes back; or let the server require none of this peer.',
  },
  {
    id: 'iax-no-unquelch',
    title: 'TXREL to one who is still on hold',
    rule: 'IAX2 reference 6.6',
    remedy: 'Send UNQUELCH before TXREL: a peer may keep QUELCH across the move, and then nobody hears anybody.',
  },
  {
    id: 'iax-hangup-after-txrel',
    title: 'HANGUP on a leg that was released',
    rule: 'RFC 5456 section 6.5, IAX2 reference 6.4',
    remedy: 'Free both legs when their TXREL is acknowledged, and send nothing more on them.',
  },
  {
    id: 'iax-ping-after-txrel',
    title: 'PING or LAGRQ on a leg that was released',
    rule: 'IAX2 reference 6.4',
    remedy: 'Stop both timers of a leg with its TXREL.',
  },
  {
    id: 'iax-txrel-out-of-state',
    title: 'TXREL or TXMEDIA to one who is not ready',
    rule: 'RFC 5456 section 6.5, IAX2 reference 6.3 and 7.1',
    remedy: 'Wait for TXREADY of both ends, and name the call number of the TXREQ: some peers obey at any time, and the call is lost.',
  },
  {
    id: 'iax-txreq-repeated',
    title: 'TXREQ repeated while it is being carried out',
    rule: 'IAX2 reference 6.2 and 7.3',
    remedy: 'Let one attempt end, in TXREJ or TXREL, before the next begins.',
  },
  {
    id: 'iax-txreq-incomplete',
    title: 'TXREQ without the address or the number of the other end',
    rule: 'RFC 5456 section 6.5, IAX2 reference 7.1',
    remedy: 'Give APPARENT ADDR, CALLNO and TRANSFERID.',
  },
  {
    id: 'iax-txreq-too-early',
    title: 'TXREQ on a leg that is not up',
    rule: 'RFC 5456 section 6.5, IAX2 reference 6.2',
    remedy: 'Wait for ACCEPT on both legs.',
  },
  {
    id: 'iax-apparent-address',
    title: 'TXREQ names an address where the other end is not',
    rule: 'RFC 5456 section 8.6, IAX2 reference 6.2',
    remedy: 'Give the address that the frames of the other end come from.',
  },
  {
    id: 'iax-mini-before-full',
    title: 'Mini frames before any full voice frame',
    rule: 'RFC 5456 section 8.1.2, IAX2 reference 1.3 and 6.3',
    remedy: 'Send a full voice frame first on each leg, and first of all after a transfer: it names the codec.',
  },
  {
    id: 'iax-transfer-unknown-number',
    title: 'TRANSFER to a number that nobody has',
    rule: 'IAX2 reference 6.7',
    remedy: 'Check the number before both calls are given up, and tell the sender: the protocol has no answer for it.',
  },
  {
    id: 'iax-transfer-without-number',
    title: 'TRANSFER without a number',
    rule: 'RFC 5456 section 6.4, IAX2 reference 6.7',
    remedy: 'Give CALLED NUMBER.',
  },
  {
    id: 'iax-element-cut',
    title: 'An element that goes beyond its frame',
    rule: 'RFC 5456 section 8.6, IAX2 reference 7.1',
    remedy: 'Write the true length of each element: such a frame is neither obeyed nor acknowledged.',
  },
  {
    id: 'iax-wrong-call-number',
    title: 'A frame for another call number',
    rule: 'RFC 5456 section 8.1.1, IAX2 reference 7.1',
    remedy: 'Address each frame to the number that the other end has given.',
  },
  {
    id: 'iax-wrong-source',
    title: "A frame for somebody else's call",
    rule: 'IAX2 reference 7.1 and 7.2',
    remedy: 'Drop frames whose numbers are right and whose source address is not.',
  },
  {
    id: 'iax-plaintext-password',
    title: 'A password that everybody on the way can read',
    rule: 'RFC 5456 section 8.6, IAX2 reference 4.4',
    remedy: 'Answer with MD5 RESULT; never send PASSWORD.',
  },
];
