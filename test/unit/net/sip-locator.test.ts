import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom } from '../../../src/core';
import { type DnsQueries, type NaptrRecord, SipLocator, type Sought, type SrvRecord } from '../../../src/net';
import { withCode } from './support';

interface Zone {
  readonly naptr?: Readonly<Record<string, readonly NaptrRecord[]>>;
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

function dns({ naptr = {}, srv = {}, addresses = {} }: Zone, asked: string[] = []): DnsQueries {
  const answer = async <Found>(kind: string, table: Readonly<Record<string, readonly Found[]>>, name: string): Promise<readonly Found[]> => {
    asked.push(`${kind} ${name}`);
    return Promise.resolve(table[name] ?? []);
  };
  return {
    naptr: (name) => answer('NAPTR', naptr, name),
    srv: (name) => answer('SRV', srv, name),
    addresses: (name) => answer('A', addresses, name),
  };
}

const naptr = (order: number, preference: number, service: string, replacement: string, flags = 's'): NaptrRecord => ({ order, preference, flags, service, replacement });
const srv = (priority: number, weight: number, name: string, port: number): SrvRecord => ({ priority, weight, name, port });

async function found(sought: Sought, zone: Zone, seed = 1): Promise<string[]> {
  const places = await new SipLocator(dns(zone), new SeededRandom(seed)).locate(sought);
  return places.map(({ transport, host, port }) => `${transport} ${host} ${String(port)}`);
}

const addresses = { 'a.example.com': ['192.0.2.1'], 'b.example.com': ['192.0.2.2', '2001:db8::2'], 'example.com': ['192.0.2.9'] };

describe('where a request goes (RFC 3263)', () => {
  const literals: readonly (readonly [Sought, string])[] = [
    [{ host: '192.0.2.5' }, 'udp 192.0.2.5 5060'],
    [{ host: '[2001:db8::1]', secure: true }, 'tls 2001:db8::1 5061'],
    [{ host: 'localhost', port: 5070, transport: 'tcp' }, 'tcp 127.0.0.1 5070'],
    [{ host: '127.0.0.1', transport: 'ws' }, 'ws 127.0.0.1 80'],
  ];
  for (const [sought, place] of literals) {
    it(`${JSON.stringify(sought)} needs no question`, async () => {
      const asked: string[] = [];
      const [only, ...more] = await new SipLocator(dns({}, asked), new SeededRandom(1)).locate(sought);
      assert.deepEqual([`${String(only?.transport)} ${String(only?.host)} ${String(only?.port)}`, more, asked], [place, [], []]);
    });
  }

  it('4.1: by the order and preference of NAPTR, in the services we speak', async () => {
    const zone = {
      naptr: {
        'example.com': [
          naptr(20, 5, 'SIP+D2U', '_sip._udp.example.com'),
          naptr(10, 50, 'SIP+D2T', '_sip._tcp.example.com'),
          naptr(10, 20, 'sips+d2t', '_sips._tcp.example.com'),
          naptr(1, 1, 'SIP+D2S', '_sip._sctp.example.com'),
          naptr(1, 1, 'SIP+D2U', 'elsewhere.example.com', 'a'),
          naptr(1, 1, 'E2U+sip', '!^.*$!sip:x@y!', 'u'),
        ],
      },
      srv: {
        '_sip._udp.example.com': [srv(1, 1, 'a.example.com', 5060)],
        '_sip._tcp.example.com': [srv(1, 1, 'a.example.com', 5070)],
        '_sips._tcp.example.com': [srv(1, 1, 'b.example.com', 5071)],
      },
      addresses,
    };
    assert.deepEqual(await found({ host: 'example.com' }, zone), ['tls 192.0.2.2 5071', 'tls 2001:db8::2 5071', 'tcp 192.0.2.1 5070', 'udp 192.0.2.1 5060']);
    assert.deepEqual(await found({ host: 'example.com', secure: true }, zone), ['tls 192.0.2.2 5071', 'tls 2001:db8::2 5071'], 'sips takes nothing but TLS');
  });

  it('4.1: without NAPTR, by the SRV records there are, and for sips by those of TLS only', async () => {
    const zone = { srv: { '_sip._tcp.example.com': [srv(1, 1, 'a.example.com', 5070)], '_sips._tcp.example.com': [srv(1, 1, 'b.example.com', 5061)] }, addresses };
    assert.deepEqual(await found({ host: 'example.com' }, zone), ['tcp 192.0.2.1 5070']);
    assert.deepEqual(await found({ host: 'example.com', secure: true }, zone), ['tls 192.0.2.2 5061', 'tls 2001:db8::2 5061']);
  });

  it('4.2: a transport without a port asks for SRV; without any, the host itself is meant', async () => {
    const zone = { srv: { '_sip._tcp.example.com': [srv(1, 1, 'a.example.com', 5070)] }, addresses };
    assert.deepEqual(await found({ host: 'example.com', transport: 'tcp' }, zone), ['tcp 192.0.2.1 5070']);
    assert.deepEqual(await found({ host: 'example.com', transport: 'tls' }, zone), ['tls 192.0.2.9 5061']);
    assert.deepEqual(await found({ host: 'example.com' }, { addresses }), ['udp 192.0.2.9 5060']);
  });

  it('4.2: a port means the host itself, and no SRV is asked for', async () => {
    const asked: string[] = [];
    const zone = { srv: { '_sip._udp.example.com': [srv(1, 1, 'a.example.com', 5070)] }, addresses };
    const [place] = await new SipLocator(dns(zone, asked), new SeededRandom(1)).locate({ host: 'example.com', port: 5080 });
    assert.deepEqual(place, { host: '192.0.2.9', port: 5080, transport: 'udp', serverName: 'example.com' });
    assert.deepEqual(asked, ['A example.com']);
  });

  it('RFC 2782: the lowest priority first; within one, as often first as the weight says', async () => {
    const zone = {
      srv: { '_sip._udp.example.com': [srv(2, 0, 'late', 1), srv(1, 30, 'heavy', 2), srv(1, 10, 'light', 3), srv(1, 0, 'spare', 4)] },
      addresses: { late: ['192.0.2.1'], heavy: ['192.0.2.2'], light: ['192.0.2.3'], spare: ['192.0.2.4'] },
    };
    const first = new Map<string, number>();
    for (let seed = 1; seed <= 400; seed += 1) {
      const places = await found({ host: 'example.com', transport: 'udp' }, zone, seed);
      assert.equal(places.at(-1), 'udp 192.0.2.1 1');
      assert.equal(new Set(places).size, 4);
      first.set(places[0]!, (first.get(places[0]!) ?? 0) + 1);
    }
    const share = (place: string): number => (first.get(place) ?? 0) / 400;
    assert.ok(Math.abs(share('udp 192.0.2.2 2') - 30 / 41) < 0.1, `heavy ${String(share('udp 192.0.2.2 2'))}`);
    assert.ok(Math.abs(share('udp 192.0.2.3 3') - 10 / 41) < 0.1);
    assert.ok(share('udp 192.0.2.4 4') > 0 && share('udp 192.0.2.4 4') < 0.1, 'a weight of 0 is first now and then');
  });

  it('the same seed gives the same order', async () => {
    const zone = { srv: { '_sip._udp.x': Array.from({ length: 8 }, (_, index) => srv(1, 1, `192.0.2.${String(index + 1)}`, 5060)) } };
    assert.deepEqual(await found({ host: 'x', transport: 'udp' }, zone, 7), await found({ host: 'x', transport: 'udp' }, zone, 7));
    assert.notDeepEqual(await found({ host: 'x', transport: 'udp' }, zone, 7), await found({ host: 'x', transport: 'udp' }, zone, 8));
  });

  it('takes no more than sixteen places from a zone, and none from one that denies the service', async () => {
    const many = { srv: { '_sip._udp.x': Array.from({ length: 500 }, (_, index) => srv(index, 1, '192.0.2.1', 5060)) } };
    assert.equal((await found({ host: 'x', transport: 'udp' }, many)).length, 16);
    await assert.rejects(found({ host: 'x', transport: 'udp' }, { srv: { '_sip._udp.x': [srv(0, 0, '.', 0)] } }), withCode('CL1003', /DNS knows no place for x/u));
  });

  it('says so when DNS does not answer', async () => {
    const broken: DnsQueries = { ...dns({}), naptr: () => Promise.reject(new Error('queryNaptr ETIMEOUT example.com')) };
    await assert.rejects(new SipLocator(broken, new SeededRandom(1)).locate({ host: 'example.com' }), withCode('CL1003', /did not say where example\.com is: .*ETIMEOUT/u));
  });
});
