import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatVia, parseMessage, SipHeaderError, type Via } from '../../../../src/sip/message';

function decode(text: string): readonly Via[] {
  return parseMessage(Buffer.from(`BYE sip:a@b SIP/2.0\r\nVia: ${text}\r\n\r\n`)).vias;
}

type Row = readonly [transport: string, host: string, port?: number | undefined, branch?: string, received?: string | undefined, rport?: number | true];

suite('Via', () => {
  const rows: Readonly<Record<string, Row>> = {
    'SIP/2.0/UDP 192.0.2.1': ['udp', '192.0.2.1'],
    'SIP/2.0/UDP host:5070;branch=z9hG4bKx': ['udp', 'host', 5070, 'z9hG4bKx'],
    'SIP/2.0/TCP host;rport;branch=z9hG4bKx': ['tcp', 'host', undefined, 'z9hG4bKx', undefined, true],
    'SIP/2.0/UDP host;rport=5070;received=192.0.2.9;branch=z9hG4bKx==': ['udp', 'host', undefined, 'z9hG4bKx==', '192.0.2.9', 5070],
    'SIP/2.0/UDP host;Branch=z9hG4bKx;RPORT': ['udp', 'host', undefined, 'z9hG4bKx', undefined, true],
    'SIP / 2.0 / WSS \t host : 443 ; branch = z9hG4bKx': ['wss', 'host', 443, 'z9hG4bKx'],
    'SIP/2.0/UDP\thost': ['udp', 'host'],
    'SIP/2.0/UDP [2001:db8::9:1]:5070;received=[2001:db8::9:255];branch=z': ['udp', '2001:db8::9:1', 5070, 'z', '2001:db8::9:255'],
    'SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z': ['udp', '2001:db8::9:1', undefined, 'z', '2001:db8::9:255'],
    'SIP/2.0/UDP host;x="a;rport=1";branch=z': ['udp', 'host', undefined, 'z'],
  };
  for (const [text, [transport, host, port, branch, received, rport]] of Object.entries(rows)) {
    test(text, () => {
      const [via] = decode(text);
      assert.ok(via);
      assert.deepEqual([via.transport, via.host, via.port, via.branch, via.received, via.rport], [transport, host, port, branch, received, rport]);
      assert.equal(via.params.get('branch'), branch);
      assert.equal(via.protocol.toLowerCase(), `sip/2.0/${transport}`);
    });
  }

  test('several, with their ranges', () => {
    const text = 'SIP/2.0/UDP a;branch=1 , SIP/2.0/TCP b;x="1,2"';
    const message = parseMessage(Buffer.from(`BYE sip:a@b SIP/2.0\r\nv: ${text}\r\nVIA: SIP/2.0/TLS c\r\n\r\n`));
    const at = ({ start, end }: { start: number; end: number }): string => Buffer.from(message.bytes).toString('latin1', start, end);
    assert.deepEqual(message.vias.map(({ range }) => at(range)), ['SIP/2.0/UDP a;branch=1', 'SIP/2.0/TCP b;x="1,2"', 'SIP/2.0/TLS c']);
    assert.equal(message.topVia.host, 'a');
    assert.equal(message.vias[1]?.params.get('x'), '1,2');
  });

  for (const text of ['', 'SIP/2.0/UDP', 'SIP/2.0/UDP ;branch=1', 'UDP host', 'SIP/2.0/UDP host:x', 'SIP/2.0/UDP host;rport=x', 'SIP/2.0/UDP host;rport=', 'SIP/2.0/UDP a b', 'SIP/2.0/UDP host,']) {
    test(`refuses "${text}"`, () => {
      assert.throws(() => decode(text), SipHeaderError);
    });
  }

  test('formatVia writes what is read back', () => {
    const text = formatVia({ transport: 'udp', host: '::1', port: 5070, branch: 'z9hG4bK1' });
    assert.equal(text, 'SIP/2.0/UDP [::1]:5070;rport;branch=z9hG4bK1');
    const [via] = decode(text);
    assert.deepEqual([via?.host, via?.port, via?.branch, via?.rport], ['::1', 5070, 'z9hG4bK1', true]);
  });
});
