import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CryptoRandom, errorCatalogue, RealClock, SeededRandom } from '../../../src/core';
import { Lab, parseVerb } from '../../../src/lab';
import { RealNetwork, type UdpSocket } from '../../../src/net';
import { parseMessage } from '../../../src/sip';
import type { JournalEntry, PacketEntry, ProblemEntry } from '../../../src/trace';
import { type LabRig, startLab } from '../../support/lab-rig';

describe('a port in use', () => {
  it('is named with its holder and the remedy; the rest of the lab works, before and after', async () => {
    const network = new RealNetwork();
    const nobody = { onPacket: () => undefined, onError: () => undefined, tap: () => undefined };
    const holder = await network.bindUdp({ host: '127.0.0.1', port: 0, ...nobody });
    const { port } = holder.local;
    const phones = [{ name: 'alice' }, { name: 'bob', port }, { name: 'charlie' }];
    const options = { clock: new RealClock(), random: new CryptoRandom(), startedAt: new Date(), phones };
    const lab = new Lab({ network: new RealNetwork(), ...options });
    await lab.start();
    const { problem, transports } = lab.phone('bob');
    assert.match(problem ?? '', new RegExp(`^CL1001: UDP port ${port} of 127.0.0.1 is in use by `, 'u'));
    assert.match(errorCatalogue.CL1001.remedy, /Stop the program that holds the port, or give the phone another one/u);
    assert.deepEqual(transports, []);
    const told = lab.journal.entries.filter((entry): entry is ProblemEntry => entry.kind === 'problem');
    assert.deepEqual(told.map(({ owner, code }) => [owner, code]), [['bob', 'CL1001']]);

    const refused = await lab.perform(parseVerb('bob place alice'));
    assert.equal(refused.code, 'CL3003');
    assert.ok(refused.text.includes(`port ${port}`), refused.text);
    assert.equal((await lab.perform(parseVerb('alice place bob'))).code, 'CL2002', 'bob has no address to call');

    const { text, ok } = await lab.perform(parseVerb('alice place charlie'));
    assert.ok(ok, text);
    await lab.until(() => lab.phone('charlie').calls.length === 1);
    assert.ok((await lab.perform(parseVerb('charlie answer'))).ok);
    assert.deepEqual(await lab.stop(), { sockets: 0, timers: 0, calls: 0 });

    await holder.close();
    const second = new Lab({ network: new RealNetwork(), ...options });
    await second.start();
    assert.equal(second.phone('bob').problem, undefined);
    assert.ok(second.phone('bob').uri.endsWith(`:${port}`));
    await second.stop();
  });
});

describe('a target that cannot be called', () => {
  const wrong: readonly (readonly [target: string, code: string, text: RegExp])[] = [
    ['nobody', 'CL2002', /^"nobody" is neither a phone \(alice, bob, charlie, dave\) nor a SIP URI$/u],
    ['sip:', 'CL2002', /^"sip:" is neither a phone/u],
    ['sip:x@127.0.0.1:99999', 'CL2002', /neither a phone/u],
    ['tel:+4930123456', 'CL2002', /^"tel:\+4930123456" has the scheme tel:, and only sip: can be called$/u],
    ['mailto:bob@127.0.0.1', 'CL2002', /only sip: can be called|neither a phone/u],
    ['sips:bob@127.0.0.1', 'CL2002', /asks for TLS all the way, which Call Lab cannot promise/u],
    ['sip:bob@192.0.2.7', 'CL1002', /^192\.0\.2\.7 is not on this machine, and Call Lab calls nobody beyond it$/u],
    ['sip:bob@example.com', 'CL1002', /^example\.com is not on this machine/u],
    ['sip:bob@[2001:db8::1]:5060', 'CL1002', /not on this machine/u],
  ];
  const verbs = ['place', 'consult', 'transfer alice to', 'attended-transfer alice to'];

  it('is refused with a sentence, and the first call is not even put on hold', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    const before = rig.messages('bob', 'sent').length;
    for (const verb of verbs) {
      for (const [target, code, text] of wrong) await rig.fails(`bob ${verb} ${target}`, code, text);
    }
    assert.equal(rig.messages('bob', 'sent').length, before, 'no message left for any of them');
    assert.equal(rig.state('bob'), 'alice connected');
    await rig.hears('alice', 'bob');
    await rig.end();
  });

  it('may be the phone itself, or the party it talks to: neither is called', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    await rig.fails('bob place bob', 'CL3003', 'bob cannot call itself');
    await rig.fails(`bob place ${rig.lab.phone('bob').uri}`, 'CL3003', 'bob cannot call itself');
    await rig.fails('bob transfer alice to alice', 'CL3003', 'alice cannot be transferred to alice');
    await rig.fails(`bob transfer alice to ${rig.lab.phone('alice').uri}`, 'CL3003', 'alice cannot be transferred to alice');
    await rig.fails('bob attended-transfer alice to alice', 'CL3003', 'alice cannot be transferred to alice');
    await rig.fails('bob transfer alice to bob', 'CL3003', 'alice cannot be transferred to bob: they are in a call already');
    assert.equal(rig.state('bob'), 'alice connected');
    await rig.end();
  });

  it('where nobody listens, a call fails after a while, and the first call can be taken back', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    await rig.do('bob consult sip:ghost@127.0.0.9:5999');
    assert.equal(rig.state('bob'), 'alice connected holding, ghost calling');
    await rig.until(() => rig.calls('bob').length === 1);
    const { end } = rig.lab.calls.find(({ peer }) => peer === 'ghost')!;
    assert.deepEqual(end, { by: 'network', status: 408, text: 'No answer from the other side' });
    await rig.do('bob resume');
    await rig.hears('alice', 'bob');
    await rig.end();
  });

  it('over UDP says so after a second, on a machine that tells who listens', async () => {
    const options = { clock: new RealClock(), random: new CryptoRandom(), startedAt: new Date() };
    const network = new RealNetwork();
    const lab = new Lab({ network, ...options });
    await lab.start();
    const port = Number(lab.phone('alice').uri.split(':').at(-1));
    // A port that was free a moment ago, and that is none of ours.
    const socket = await network.bindUdp({ host: '127.0.0.9', port: 0, onPacket: () => undefined, onError: () => undefined, tap: () => undefined });
    const target = `127.0.0.9:${socket.local.port}`;
    await socket.close();
    const { ok, text } = await lab.perform(parseVerb(`alice place sip:ghost@${target}`));
    assert.ok(ok, text);
    const isTold = (await network.hears('udp', { host: '127.0.0.1', port })) !== undefined;
    assert.equal(text, isTold ? 'calling ghost, but nobody listens there yet' : 'calling ghost');
    const problems = lab.journal.entries.filter((entry) => entry.kind === 'problem').map((entry) => entry.text);
    assert.deepEqual(problems, isTold ? [`Nobody listens at UDP ${target}.`] : []);
    assert.ok((await lab.perform(parseVerb('alice hangup'))).ok);
    await lab.stop();
  });

  it('over TCP says at once that nobody listens', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    await rig.do('bob place sip:ghost@127.0.0.9:5999;transport=tcp');
    await rig.until(() => rig.calls('bob').length === 1);
    const { end } = rig.lab.calls.find(({ peer }) => peer === 'ghost')!;
    assert.equal(end!.status, 503);
    assert.equal(end!.text, 'Nobody listens at TCP 127.0.0.9:5999.');
    assert.deepEqual(rig.problems('bob'), ['CL1004 Nobody listens at TCP 127.0.0.9:5999.']);
    assert.equal(rig.state('bob'), 'alice connected holding');
    await rig.do('bob resume alice');
    await rig.end();
  });

  for (const kind of ['transfer', 'attended-transfer']) {
    it(`where nobody listens, a ${kind} fails, and the first call can go on`, async () => {
      const rig = await startLab();
      await rig.connect('alice', 'bob');
      await rig.fails(`bob ${kind} alice to sip:ghost@127.0.0.9:5999`, kind === 'transfer' ? 'CL3005' : 'CL3004', /408/u);
      if (kind === 'attended-transfer') await rig.do('bob resume'); // the person consulted somebody: they take the call back
      assert.equal(rig.state('bob'), 'alice connected');
      assert.equal(rig.state('alice'), 'bob connected');
      await rig.hears('alice', 'bob');
      await rig.hears('bob', 'alice');
      await rig.end();
    });
  }

  it('that is busy makes a blind transfer fail, and the first call is resumed', async () => {
    const rig = await startLab({ charlie: { behaviour: { kind: 'busy' } } });
    await rig.connect('alice', 'bob');
    await rig.fails('bob transfer to charlie', 'CL3005', 'alice was not transferred to charlie: the target answered 486 Busy Here; the call is back');
    assert.equal(rig.state('bob'), 'alice connected');
    await rig.hears('alice', 'bob');
    await rig.end();
  });
});

describe('a malformed datagram', () => {
  const head = (target: string, changes: Readonly<Record<string, string | undefined>> = {}): string => {
    const headers: Record<string, string | undefined> = {
      Via: 'SIP/2.0/UDP 127.0.0.66:5999;rport;branch=z9hG4bKbad',
      'Max-Forwards': '70',
      From: '<sip:mallory@127.0.0.66:5999>;tag=m1',
      To: `<${target}>`,
      'Call-ID': 'bad@127.0.0.66',
      CSeq: '1 OPTIONS',
      'Content-Length': '0',
      ...changes,
    };
    return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`])).join('');
  };
  const options = (target: string, changes: Readonly<Record<string, string | undefined>> = {}): string =>
    `OPTIONS ${target} SIP/2.0\r\n${head(target, changes)}\r\n`;

  /** What is sent, the statuses that come back, the journal's code, and the octets that the journal points at. */
  const kinds: Readonly<Record<string, { send: (uri: string) => string | Uint8Array; answers: readonly number[]; code?: RegExp; blames: RegExp }>> = {
    'no SIP at all': { send: () => 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', answers: [], blames: /./u },
    'octets by chance': { send: () => junk(200), answers: [], blames: /./su },
    'a start line that breaks off': { send: () => 'INVITE sip:bob@127.0.0.1', answers: [], blames: /INVITE/u },
    'a status beyond its range': { send: (uri) => `SIP/2.0 9999 What\r\n${head(uri)}\r\n`, answers: [], blames: /9999/u },
    'no Via': { send: (uri) => options(uri, { Via: undefined }), answers: [], blames: /./su },
    'no Call-ID': { send: (uri) => options(uri, { 'Call-ID': undefined }), answers: [400], blames: /./su },
    'no CSeq': { send: (uri) => options(uri, { CSeq: undefined }), answers: [400], blames: /./su },
    'a To that is no address': { send: (uri) => options(uri, { To: '<sip:bob@' }), answers: [400], blames: /sip:bob@/u },
    'a CSeq for another method': { send: (uri) => options(uri, { CSeq: '1 INVITE' }), answers: [400], blames: /1 INVITE/u },
    'a Request-URI that is no URI': { send: (uri) => options(uri).replace(uri, 'sip:@@'), answers: [400], blames: /^sip:@/u },
    'a scheme that nobody serves': { send: (uri) => options(uri).replace(uri, 'http://x/'), answers: [416], blames: /http/u },
    'an unknown method': { send: (uri) => options(uri, { CSeq: '1 DANCE' }).replace('OPTIONS', 'DANCE'), answers: [501], blames: /^DANCE$/u },
    'an extension nobody knows': { send: (uri) => options(uri, { Require: 'telepathy' }), answers: [420], blames: /telepathy/u },
    'another version': { send: (uri) => options(uri).replace('SIP/2.0', 'SIP/7.0'), answers: [505], blames: /SIP\/7.0/u },
    'a body that is not there': { send: (uri) => options(uri, { 'Content-Length': '900' }), answers: [400], blames: /./su },
    'two Content-Lengths': { send: (uri) => options(uri, { l: '4' }), answers: [400], blames: /4|Length/u },
    'an ACK that is wrong': { send: (uri) => options(uri, { CSeq: '1 BYE' }).replace('OPTIONS', 'ACK'), answers: [], blames: /BYE/u },
    'a BYE for no call': { send: (uri) => options(uri, { CSeq: '1 BYE', To: `<${uri}>;tag=x` }).replace('OPTIONS', 'BYE'), answers: [481], code: /CL2009/u, blames: /tag=x/u },
    'a response to nothing': { send: (uri) => `SIP/2.0 200 OK\r\n${head(uri)}\r\n`, answers: [], code: /CL2006/u, blames: /SIP\/2.0\/UDP/u },
    'a REFER from a stranger': {
      send: (uri) => options(uri, { CSeq: '1 REFER', 'Refer-To': `<${uri}>`, Contact: '<sip:m@127.0.0.66>' }).replace('OPTIONS', 'REFER'),
      answers: [403], code: /CL2007/u, blames: /sip:bob/u,
    },
    'a call that replaces no call': {
      send: (uri) => options(uri, { CSeq: '1 INVITE', Replaces: 'none@x;to-tag=a;from-tag=b', Contact: '<sip:m@127.0.0.66>' }).replace('OPTIONS', 'INVITE'),
      answers: [481], code: /CL2008/u, blames: /none@x/u,
    },
  };

  for (const [kind, { send, answers, code, blames }] of Object.entries(kinds)) {
    it(`with ${kind} is ${answers.length === 0 ? 'dropped' : `answered with ${answers.join()}`}, and journalled with what is wrong`, async () => {
      const rig = await startLab();
      await rig.connect('alice', 'bob');
      const { uri } = rig.lab.phone('bob');
      const stranger = await Stranger.open(rig);
      const from = rig.lab.journal.count;
      await stranger.send(send(uri), uri);
      assert.deepEqual(stranger.statuses(), answers);

      const news = rig.lab.journal.entries.filter((entry) => entry.seq >= from);
      const packet = news.find((entry): entry is PacketEntry => isPacket(entry) && entry.direction === 'received' && entry.source.port === 5999)!;
      assert.deepEqual(Buffer.from(packet.bytes), Buffer.from(send(uri)));
      const problems = news.filter((entry): entry is ProblemEntry => entry.kind === 'problem');
      assert.equal(problems.length, 1, JSON.stringify(problems));
      const [problem] = problems;
      assert.equal(problem?.packet, packet.seq);
      if (code !== undefined) assert.match(problem.code, code);
      assert.match(problem.code, /^(?:CL\d{4}|[a-z-]+)$/u);
      const { start, end } = problem.range!;
      assert.match(Buffer.from(packet.bytes.subarray(start, end)).toString('latin1'), blames);

      assert.equal(rig.state('bob'), 'alice connected', 'the call that is up does not notice');
      await stranger.close();
      await rig.end();
    });
  }

  it('that only keeps a port open is no problem', async () => {
    const rig = await startLab();
    const stranger = await Stranger.open(rig);
    for (const nothing of ['\r\n\r\n', '\0\0\0\0', '']) await stranger.send(nothing, rig.lab.phone('bob').uri);
    assert.deepEqual(stranger.statuses(), []);
    assert.deepEqual(rig.problems(), []);
    await stranger.close();
    await rig.end();
  });

  it('with a session description that cannot be used is refused with 488 when the phone answers', async () => {
    const rig = await startLab({ bob: { behaviour: { kind: 'answer', after: 10 } } });
    const stranger = await Stranger.open(rig);
    const { uri } = rig.lab.phone('bob');
    const body = 'v=0\r\no=- 1 1 IN IP4 127.0.0.66\r\ns=-\r\nc=IN IP4 127.0.0.66\r\nt=0 0\r\nm=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n';
    const changes = { CSeq: '1 INVITE', Contact: '<sip:m@127.0.0.66:5999>', 'Content-Type': 'application/sdp', 'Content-Length': String(body.length) };
    await stranger.send(`${options(uri, changes).replace('OPTIONS', 'INVITE')}${body}`, uri);
    await rig.world.pass(100);
    assert.deepEqual([...new Set(stranger.statuses())], [180, 488]);
    const problem = rig.lab.journal.entries.find((entry): entry is ProblemEntry => entry.kind === 'problem')!;
    assert.equal(problem.code, 'CL2005');
    const packet = rig.lab.journal.entries.find((entry): entry is PacketEntry => entry.seq === problem.packet)!;
    const { start, end } = problem.range!;
    assert.match(Buffer.from(packet.bytes.subarray(start, end)).toString('latin1'), /^m=audio/u);
    await stranger.close();
    await rig.end();
  });
});

function isPacket(entry: JournalEntry): entry is PacketEntry {
  return entry.kind === 'packet' && entry.protocol === 'sip';
}

function junk(length: number): Uint8Array {
  const random = new SeededRandom(7);
  return Uint8Array.from({ length }, () => 128 + Math.floor(random.fraction() * 128));
}

/** Somebody who sends what they like and keeps what comes back. */
class Stranger {
  readonly #rig: LabRig;
  readonly #heard: Uint8Array[] = [];
  readonly #socket: UdpSocket;

  private constructor(rig: LabRig, socket: UdpSocket, heard: Uint8Array[]) {
    this.#rig = rig;
    this.#socket = socket;
    this.#heard = heard;
  }

  static async open(rig: LabRig): Promise<Stranger> {
    const heard: Uint8Array[] = [];
    const onPacket = (bytes: Uint8Array): void => void heard.push(bytes);
    const fail = (error: Error): void => assert.fail(error);
    const place = { host: '127.0.0.66', port: 5999 };
    const socket = await rig.world.network.bindUdp({ ...place, onPacket, onError: fail, tap: () => undefined });
    return new Stranger(rig, socket, heard);
  }

  async send(text: string | Uint8Array, uri: string): Promise<void> {
    this.#socket.send(typeof text === 'string' ? Buffer.from(text) : text, { host: '127.0.0.1', port: Number(uri.split(':').at(-1)) });
    await this.#rig.world.pass(20);
  }

  statuses(): readonly number[] {
    return this.#heard.map((bytes) => {
      const message = parseMessage(bytes);
      return message.kind === 'response' ? message.status : assert.fail(`a ${message.method} came`);
    });
  }

  close(): Promise<void> {
    return this.#socket.close();
  }
}
