import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { CryptoRandom, RealClock } from '../../../src/core';
import { Lab } from '../../../src/lab';
import { RealNetwork } from '../../../src/net';

/* What a phone answers on the wire to what it must not serve, and that it tells a stranger nothing by it. */

interface Parts {
  readonly method?: string;
  readonly uri?: string;
  readonly version?: string;
  readonly transport?: string;
  readonly headers?: readonly string[];
  /** Headers left out. */
  readonly without?: readonly string[];
  readonly body?: string;
}

function request({ method = 'OPTIONS', uri = 'sip:bob@127.0.0.1', version = 'SIP/2.0', transport = 'UDP', headers = [], without = [], body = '' }: Parts): string {
  const id = randomUUID();
  const lines = [
    `Via: SIP/2.0/${transport} 127.0.0.1:9;rport;branch=z9hG4bK-uas-${id}`,
    `From: <sip:mallory@127.0.0.1>;tag=m`,
    'To: <sip:bob@127.0.0.1>',
    `Call-ID: uas-${id}`,
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    'Contact: <sip:mallory@127.0.0.1:9>',
    `Content-Length: ${String(body.length)}`,
  ].filter((line) => !without.includes(line.split(':')[0] ?? ''));
  return [`${method} ${uri} ${version}`, ...lines, ...headers, '', body].join('\r\n');
}

interface Answer {
  readonly line: string;
  readonly headers: ReadonlyMap<string, string>;
}

function read(text: string): Answer {
  const [line = '', ...rest] = text.split('\r\n\r\n')[0]!.split('\r\n');
  return { line, headers: new Map(rest.map((header) => [header.slice(0, header.indexOf(':')), header.slice(header.indexOf(':') + 2)])) };
}

async function phone() {
  const lab = new Lab({ network: new RealNetwork(), clock: new RealClock(), random: new CryptoRandom(), startedAt: new Date(), phones: [{ name: 'bob', behaviour: { kind: 'busy' } }] });
  await lab.start();
  const address = { host: '127.0.0.1', port: Number(lab.phone('bob').uri.split(':').at(-1)) };
  const ask = async (text: string): Promise<Answer> => {
    const socket = createSocket('udp4');
    socket.send(text, address.port, address.host);
    for (;;) {
      const [bytes] = (await once(socket, 'message')) as [Buffer];
      if (bytes.toString().startsWith('SIP/2.0 1')) continue;
      socket.close();
      return read(bytes.toString());
    }
  };
  const askStream = async (text: string): Promise<{ answer: Answer; closed: boolean }> => {
    const socket = connect(address);
    let all = '';
    socket.on('data', (bytes) => (all += bytes.toString())).on('error', () => undefined);
    socket.write(text);
    await once(socket, 'close');
    return { answer: read(all), closed: true };
  };
  const problems = (): readonly string[] => lab.journal.entries.flatMap((entry) => (entry.kind === 'problem' ? [entry.text] : []));
  const stop = async (): Promise<void> => assert.deepEqual(await lab.stop(), { sockets: 0, timers: 0, calls: 0 });
  return { lab, ask, askStream, problems, stop };
}

const sdp = 'v=0\r\n';

describe('a phone answers on the wire', { timeout: 30_000 }, () => {
  const rows: readonly (readonly [name: string, parts: Parts, line: string, header?: readonly [string, string]])[] = [
    ['no Call-ID', { without: ['Call-ID'] }, 'SIP/2.0 400 Missing Call-ID'],
    ['no CSeq', { without: ['CSeq'] }, 'SIP/2.0 400 Missing CSeq'],
    ['two From headers', { headers: ['From: <sip:x@y>;tag=2'] }, 'SIP/2.0 400 More Than One From'],
    ['a malformed Contact', { without: ['Contact'], headers: ['Contact: <sip:x'] }, 'SIP/2.0 400 Malformed Contact'],
    ['a header without a colon', { headers: ['Nonsense'] }, 'SIP/2.0 400 Header Without Colon'],
    ['a body shorter than promised', { without: ['Content-Length'], headers: ['Content-Length: 5'] }, 'SIP/2.0 400 Body Shorter Than Content-Length'],
    ['IPv6 without brackets', { uri: 'sip:bob@::1' }, 'SIP/2.0 400 Bad Request'],
    ['a body too large', { method: 'INVITE', headers: ['Content-Type: application/sdp'], body: sdp.padEnd(63_000, 'x') + 'y'.repeat(0) }, 'SIP/2.0 413 Request Entity Too Large'],
    ['a Request-URI too long', { uri: `sip:${'b'.repeat(5_000)}@127.0.0.1` }, 'SIP/2.0 414 Request-URI Too Long'],
    ['a session of another type', { method: 'INVITE', headers: ['Content-Type: text/plain'], body: 'hello' }, 'SIP/2.0 415 Unsupported Media Type', ['Accept', 'application/sdp']],
    ['a scheme it does not serve', { uri: 'tel:+49301234' }, 'SIP/2.0 416 Unsupported URI Scheme'],
    ['sips', { uri: 'sips:bob@127.0.0.1' }, 'SIP/2.0 480 Temporarily Unavailable', ['Warning', '380 call-lab "SIPS Not Allowed"']],
    ['an extension it lacks', { headers: ['Require: teleport'] }, 'SIP/2.0 420 Bad Extension', ['Unsupported', 'teleport']],
    ['a dialog it is not in', { method: 'BYE' }, 'SIP/2.0 481 Call/Transaction Does Not Exist'],
    ['a method nobody knows', { method: 'FROBNICATE' }, 'SIP/2.0 501 Not Implemented'],
    ['another version', { version: 'SIP/7.0' }, 'SIP/2.0 505 Version Not Supported'],
    ['headers too long', { headers: [`X: ${'x'.repeat(40_000)}`] }, 'SIP/2.0 513 Message Too Large'],
    ['Max-Forwards 0, which is nobody\'s fault here', { without: ['Max-Forwards'], headers: ['Max-Forwards: 0'] }, 'SIP/2.0 200 OK'],
  ];
  for (const [name, parts, line, header] of rows) {
    it(name, async () => {
      const { ask, problems, stop, lab } = await phone();
      // Over the UAS's limit for a body, and still one datagram.
      const answer = await ask(request(line.includes('413') ? { ...parts, without: ['Content-Length'], headers: [...(parts.headers ?? []), 'Content-Length: 70000'] } : parts));
      assert.equal(answer.line, line);
      if (header !== undefined) assert.equal(answer.headers.get(header[0]), header[1]);
      const status = line.split(' ')[1]!;
      if (status !== '200') {
        const entry = lab.journal.entries.find((candidate) => candidate.kind === 'problem');
        assert.ok(entry?.kind === 'problem' && entry.range !== undefined && entry.packet !== undefined, 'the problem points into the packet');
        assert.match(problems()[0]!, new RegExp(`refused with ${status}`, 'u'));
      }
      await stop();
    });
  }

  it('the same request that came two ways with 482', async () => {
    const { ask, stop } = await phone();
    const text = request({ method: 'INVITE' });
    const first = ask(text);
    const second = await ask(text.replace('z9hG4bK-uas', 'z9hG4bK-other'));
    assert.equal(second.line, 'SIP/2.0 482 Loop Detected');
    assert.equal((await first).line, 'SIP/2.0 486 Busy Here');
    await stop();
  });

  const streams: readonly (readonly [name: string, text: string, line: string])[] = [
    ['no Content-Length', request({ transport: 'TCP', without: ['Content-Length'] }), 'SIP/2.0 400 Missing Content-Length'],
    ['a negative Content-Length', request({ transport: 'TCP', without: ['Content-Length'], headers: ['Content-Length: -1'] }), 'SIP/2.0 400 Malformed Content-Length'],
    ['two that contradict each other', request({ transport: 'TCP', headers: ['Content-Length: 4'] }), 'SIP/2.0 400 Contradictory Content-Length'],
    ['a body beyond all measure', request({ transport: 'TCP', without: ['Content-Length'], headers: ['Content-Length: 20000000'] }), 'SIP/2.0 413 Request Entity Too Large'],
    ['headers that do not end', request({ transport: 'TCP', headers: [`X: ${'x'.repeat(70_000)}`] }), 'SIP/2.0 513 Message Too Large'],
  ];
  for (const [name, text, line] of streams) {
    it(`on a stream ${name}, and closes it`, async () => {
      const { askStream, stop } = await phone();
      const { answer } = await askStream(text);
      assert.equal(answer.line, line);
      await stop();
    });
  }
});

describe('a stranger who scans a phone', { timeout: 30_000 }, () => {
  /** An answer without what must differ: ids that the request chose, ports, tags. */
  const shape = ({ line, headers }: Answer): unknown => [line, ...[...headers].map(([name, value]) => [name, value.replace(/\d{2,}|tag=\w+|uas-[\da-f-]+|nonce="[^"]*"/gu, '#').replace(/(?:bob|nobody|admin)@/u, 'user@')])];

  for (const method of ['OPTIONS', 'INVITE', 'REGISTER', 'SUBSCRIBE', 'MESSAGE', 'REFER'] as const) {
    it(`learns from ${method} nothing about who is there`, async () => {
      const { ask, stop } = await phone();
      const ofUser = async (user: string): Promise<unknown> =>
        shape(await ask(request({ method, uri: `sip:${user}@127.0.0.1` }).replace('To: <sip:bob@', `To: <sip:${user}@`)));
      const known = await ofUser('bob');
      assert.deepEqual(await ofUser('nobody'), known);
      assert.deepEqual(await ofUser('admin'), known);
      await stop();
    });
  }

  it('learns no version and nothing of the machine', async () => {
    const { ask, stop } = await phone();
    for (const method of ['OPTIONS', 'INVITE', 'REGISTER', 'FROBNICATE']) {
      const { line, headers } = await ask(request({ method }));
      const all = [line, ...[...headers].map(([name, value]) => `${name}: ${value}`)].join('\n');
      assert.doesNotMatch(all.replaceAll('127.0.0.1', 'here'), /node|linux|darwin|windows|v?\d+\.\d+\.\d+(?!\.\d)/iu);
    }
    await stop();
  });

  it('cannot make it keep anything with responses to nothing', async () => {
    const { lab, ask, stop } = await phone();
    const socket = createSocket('udp4');
    const port = Number(lab.phone('bob').uri.split(':').at(-1));
    for (let id = 0; id < 500; id += 1) {
      socket.send(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK${String(id)}\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: ${String(id)}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n`, port, '127.0.0.1');
    }
    await ask(request({}));
    assert.equal(lab.calls.length, 0);
    const told = lab.journal.entries.filter((entry) => entry.kind === 'problem').length;
    assert.ok(told <= 100, `told once and counted, not ${String(told)} times`);
    socket.close();
    await stop();
  });
});
