/** Messages as phones and proxies really send them: a call through a proxy, hold, an attended transfer, and what goes with it. */

function lines(...text: readonly string[]): string {
  return text.join('\r\n');
}

/** A message from its start line and headers; Content-Length comes last and is counted. */
function message(headers: readonly string[], body = ''): string {
  return lines(...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body);
}

const offer = lines(
  'v=0',
  'o=alice 2890844526 2890844526 IN IP4 192.0.2.11',
  's=-',
  'c=IN IP4 192.0.2.11',
  't=0 0',
  'm=audio 40020 RTP/AVP 0 8 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=sendrecv',
  '',
);

const answer = offer.replaceAll('192.0.2.11', '192.0.2.12').replaceAll('o=alice', 'o=bob');

const dialog = [
  'From: "Alice Liddell" <sip:alice@example.com>;tag=9fxced76sl',
  'To: "Bob" <sip:bob@example.com>;tag=8321234356',
  'Call-ID: 3848276298220188511@atlanta.example.com',
] as const;

const proxied = [
  'Via: SIP/2.0/UDP proxy.example.com:5060;branch=z9hG4bK2d4790.1;received=192.0.2.1;rport=5060',
  'Via: SIP/2.0/UDP 192.0.2.11:5071;rport=5071;received=192.0.2.11;branch=z9hG4bK74bf9a1c2e5b',
] as const;

/** Name to message text (latin1 safe), every line ended by CRLF. */
export const sipSamples: Readonly<Record<string, string>> = {
  invite: message(
    [
      'INVITE sip:bob@192.0.2.12:5072;transport=udp SIP/2.0',
      'Via: SIP/2.0/UDP proxy.example.com:5060;branch=z9hG4bK2d4790.1',
      'Via: SIP/2.0/UDP 192.0.2.11:5071;rport=5071;received=192.0.2.11;branch=z9hG4bK74bf9a1c2e5b',
      'Record-Route: <sip:proxy.example.com;lr>',
      'Max-Forwards: 69',
      'From: "Alice Liddell" <sip:alice@example.com>;tag=9fxced76sl',
      'To: "Bob" <sip:bob@example.com>',
      'Call-ID: 3848276298220188511@atlanta.example.com',
      'CSeq: 1 INVITE',
      'Contact: <sip:alice@192.0.2.11:5071;transport=udp>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"',
      'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, SUBSCRIBE, UPDATE, PRACK, INFO',
      'Supported: replaces, timer, 100rel, norefersub',
      'Session-Expires: 1800',
      'Min-SE: 90',
      'User-Agent: Desk Phone 4.2 (build 1187)',
      'Content-Type: application/sdp',
    ],
    offer,
  ),
  trying: message(['SIP/2.0 100 Trying', ...proxied.slice(1), ...dialog, 'CSeq: 1 INVITE', 'Server: proxy']),
  ringing: message([
    'SIP/2.0 180 Ringing',
    ...proxied,
    'Record-Route: <sip:proxy.example.com;lr>',
    ...dialog,
    'CSeq: 1 INVITE',
    'Contact: <sip:bob@192.0.2.12:5072>',
    'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY',
  ]),
  answered: message(
    [
      'SIP/2.0 200 OK',
      ...proxied,
      'Record-Route: <sip:proxy.example.com;lr>',
      ...dialog,
      'CSeq: 1 INVITE',
      'Contact: <sip:bob@192.0.2.12:5072>',
      'Supported: replaces, timer',
      'Session-Expires: 1800;refresher=uac',
      'Content-Type: application/sdp',
    ],
    answer,
  ),
  ack: message([
    'ACK sip:bob@192.0.2.12:5072 SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.11:5071;rport;branch=z9hG4bK74bf9b77aa01',
    'Route: <sip:proxy.example.com;lr>',
    'Max-Forwards: 70',
    ...dialog,
    'CSeq: 1 ACK',
  ]),
  hold: message(
    [
      'INVITE sip:alice@192.0.2.11:5071 SIP/2.0',
      'Via: SIP/2.0/TCP 192.0.2.12:5072;branch=z9hG4bKhold01;rport',
      'Route: <sip:proxy.example.com;lr>, <sip:edge.example.com;lr;transport=tcp>',
      'Max-Forwards: 70',
      'f: "Bob" <sip:bob@example.com>;tag=8321234356',
      't: "Alice Liddell" <sip:alice@example.com>;tag=9fxced76sl',
      'i: 3848276298220188511@atlanta.example.com',
      'CSeq: 102 INVITE',
      'm: <sip:bob@192.0.2.12:5072;transport=tcp>',
      'k: replaces',
      'c: application/sdp',
    ],
    answer.replace('a=sendrecv', 'a=sendonly'),
  ),
  refer: message([
    'REFER sip:alice@192.0.2.11:5071 SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.12:5072;rport;branch=z9hG4bK7Qm2x0kVb1',
    'Route: <sip:proxy.example.com;lr>',
    'Max-Forwards: 70',
    'From: "Bob" <sip:bob@example.com>;tag=8321234356',
    'To: "Alice Liddell" <sip:alice@example.com>;tag=9fxced76sl',
    'Call-ID: 3848276298220188511@atlanta.example.com',
    'CSeq: 103 REFER',
    'Contact: <sip:bob@192.0.2.12:5072>',
    'Refer-To: <sip:charlie@192.0.2.13:5073?Replaces=d2-91aa%40192.0.2.12%3Bto-tag%3Dc2%3Bfrom-tag%3Db2&Require=replaces>',
    'Referred-By: "Bob" <sip:bob@example.com>',
    'Supported: replaces, norefersub',
  ]),
  notify: message(
    [
      'NOTIFY sip:bob@192.0.2.12:5072 SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.11:5071;rport;branch=z9hG4bKp0Xe81Ws22',
      'Max-Forwards: 70',
      ...dialog,
      'CSeq: 3 NOTIFY',
      'Contact: <sip:alice@192.0.2.11:5071>',
      'Event: refer;id=103',
      'Subscription-State: terminated;reason=noresource',
      'Content-Type: message/sipfrag;version=2.0',
    ],
    'SIP/2.0 200 OK\r\n',
  ),
  replacing: message(
    [
      'INVITE sip:charlie@192.0.2.13:5073 SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.11:5071;rport;branch=z9hG4bKh3Lr55Tz90',
      'Max-Forwards: 70',
      'From: "Alice Liddell" <sip:alice@example.com>;tag=a3',
      'To: <sip:charlie@192.0.2.13:5073>',
      'Call-ID: d3-0b7e@192.0.2.11',
      'CSeq: 1 INVITE',
      'Contact: <sip:alice@192.0.2.11:5071>',
      'Replaces: d2-91aa@192.0.2.12;to-tag=c2;from-tag=b2',
      'Require: replaces',
      'Referred-By: "Bob" <sip:bob@example.com>',
      'Content-Type: application/sdp',
    ],
    offer,
  ),
  redirect: message([
    'SIP/2.0 302 Moved Temporarily',
    'Via: SIP/2.0/UDP 192.0.2.11:5071;rport=5071;received=192.0.2.11;branch=z9hG4bK74bf9a1c2e5b',
    ...dialog,
    'CSeq: 1 INVITE',
    'Contact: "Charlie" <sip:charlie@192.0.2.13:5073>;q=0.9;expires=60, <sip:charlie@home.example.com>;q=0.3',
    'Diversion: "Bob" <sip:bob@example.com>;reason=unconditional;counter=1',
  ]),
  bye: message([
    'BYE sip:bob@192.0.2.12:5072 SIP/2.0',
    'Via: SIP/2.0/UDP [2001:db8::11]:5071;rport;branch=z9hG4bKbye77',
    'Route: <sip:proxy.example.com;lr>',
    'Max-Forwards: 70',
    ...dialog,
    'CSeq: 4 BYE',
    'Reason: Q.850;cause=16;text="Normal call clearing"',
  ]),
  register: message([
    'REGISTER sip:example.com SIP/2.0',
    'Via: SIP/2.0/TCP 192.0.2.11:5071;branch=z9hG4bKreg5;rport',
    'Max-Forwards: 70',
    'From: <sip:alice@example.com>;tag=reg1',
    'To: <sip:alice@example.com>',
    'Call-ID: reg-7710@192.0.2.11',
    'CSeq: 1827 REGISTER',
    'Contact: <sip:alice@192.0.2.11:5071;transport=tcp>;expires=3600;q=0.7',
    'Authorization: Digest username="alice", realm="example.com", nonce="84a4cc6f3082121f32b42a2187831a9e", uri="sip:example.com", response="7587245234b3434cc3412213e5f113a5", algorithm=MD5, qop=auth, nc=00000001, cnonce="0a4f113b"',
    'Expires: 3600',
  ]),
};
