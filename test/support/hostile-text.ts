import fc from 'fast-check';

/** What people have put into SIP headers to see what the programs that show them do. */
const attacks: readonly string[] = [
  '"><script>alert(1)</script>',
  "' onmouseover='alert(1)",
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  'javascript:alert(1)',
  '&lt;script&gt;',
  '&#60;script&#62;',
  '#lt;script#gt;',
  '`${alert(1)}`',
  '%%{init: {"securityLevel": "loose"}}%%',
  'end\n  alice->>bob: forged',
  'a;b->>c: forged',
  '$$\\href{javascript:alert(1)}{x}$$',
  ']]><!--',
  '</style><style>*{display:none}',
  '\u202egnp.exe',
  '\u0000\u0007\u001b[31m',
  '\ud800',
];

/** Text as a stranger might send it: attacks, SIP's own characters, anything at all, and mixtures of these. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...attacks),
      fc.constantFrom('<', '>', '&', '"', "'", '`', ';', ':', '#', '=', '@', '\r\n', '\t', ' ', '%', '$'),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        'sip:alice@127.0.0.1:5060;transport=udp',
        'Via: SIP/2.0/UDP 127.0.0.1',
        '"Alice" <sip:alice@example.com>',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));
