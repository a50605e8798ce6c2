import { create, makeResponse } from 'sip';

/* A UAS made with the `sip` library that answers every call at once, with an SDP as long as the lab's. Ends with its standard input. */

const port = Number(process.argv[2]);
const contact = `<sip:bob@127.0.0.1:${port}>`;
const description = [
  'v=0',
  `o=bob 1234567890 1 IN IP4 127.0.0.1`,
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  'a=sendrecv',
  '',
].join('\r\n');

function newTag(): string {
  return Math.floor(Math.random() * 1e12).toString(16);
}

const stack = create({ address: '127.0.0.1', port, tcp: false, tls: false }, (request) => {
  if (request.method === 'INVITE') {
    request.headers.to.params['tag'] ??= newTag();
    const headers = { contact, allow: 'INVITE, ACK, CANCEL, BYE', supported: 'replaces' };
    const ringing = makeResponse(request, 180, 'Ringing');
    Object.assign(ringing.headers, headers);
    stack.send(ringing);
    const ok = makeResponse(request, 200, 'OK');
    Object.assign(ok.headers, headers, { 'content-type': 'application/sdp' });
    ok.content = description;
    stack.send(ok);
  } else if (request.method !== 'ACK') {
    stack.send(makeResponse(request, 200, 'OK'));
  }
});

process.stdin.resume().once('end', () => {
  process.exit();
});
console.log('ready');
