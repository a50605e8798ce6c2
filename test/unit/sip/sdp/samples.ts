/** Lines joined as SDP wants them. */
export function sdp(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}

/** A one-stream body: `connection` and the attributes in question, all else ordinary. */
export function audioBody(
  options: { connection?: string; port?: number; formats?: string; attributes?: readonly string[] } = {},
): string {
  const { connection = 'IN IP4 127.0.0.12', port = 4020, formats = '0 8 101', attributes = [] } = options;
  return sdp(
    'v=0',
    'o=peer 77 1 IN IP4 127.0.0.12',
    's=-',
    `c=${connection}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${formats}`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    ...attributes.map((attribute) => `a=${attribute}`),
  );
}

/** As PJSIP's pjsua writes it: media-level c=, session-level attribute, telephone events under 120. */
export const pjsua = sdp(
  'v=0',
  'o=- 4004214170 4004214170 IN IP4 127.0.0.11',
  's=pjmedia',
  'b=AS:84',
  't=0 0',
  'a=X-nat:0',
  'm=audio 4010 RTP/AVP 0 120',
  'c=IN IP4 127.0.0.11',
  'b=TIAS:64000',
  'a=rtcp:4011 IN IP4 127.0.0.11',
  'a=sendrecv',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:120 telephone-event/8000',
  'a=fmtp:120 0-16',
  'a=ssrc:2072363050 cname:153db93826c5b315',
);

/** As Asterisk's chan_pjsip answers. */
export const asterisk = sdp(
  'v=0',
  'o=- 1058618430 1058618430 IN IP4 127.0.0.1',
  's=Asterisk',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 20172 RTP/AVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  'a=maxptime:140',
  'a=sendrecv',
);

/** Every line of RFC 8866 once, some twice. */
export const everyLine = sdp(
  'v=0',
  'o=jdoe 3724394400 3724394405 IN IP6 2001:db8::1',
  's=Grüße',
  'i=About this session',
  'u=https://www.example.com/session.html',
  'e=j.doe@example.com (Jane Doe)',
  'e=second@example.com',
  'p=+1 617 555-6011',
  'c=IN IP4 233.252.0.1/127',
  'b=CT:128',
  'b=X-YZ:64',
  't=3724394400 3724398000',
  'r=604800 3600 0 90000',
  'r=7d 1h 0 25h',
  't=3724484400 3724488000',
  'z=3730928400 -1h 3749680800 0',
  'k=prompt',
  'a=recvonly',
  'a=tool:something 1.0: with a colon',
  'm=audio 49170/2 RTP/AVP 0 8',
  'i=The sound',
  'c=IN IP4 233.252.0.2/127',
  'c=IN IP4 233.252.0.3/127',
  'b=AS:64',
  'k=clear:secret',
  'a=sendonly',
  'm=video 0 RTP/SAVPF 99',
);
