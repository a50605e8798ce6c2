import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RealClock, SeededRandom } from '../../../src/core';
import { SipTransport } from '../../../src/lab/sip-transport';
import { type DnsQueries, RealNetwork, SipLocator, type SrvRecord } from '../../../src/net';

/* A host that has a name, on real sockets and with a name server of our own. */

async function desk(locator?: SipLocator) {
  const network = new RealNetwork();
  const clock = new RealClock();
  const heard: string[] = [];
  const transport = await SipTransport.open({
    network, clock, host: '127.0.0.1', port: 0, locator, journal: () => undefined, onProblem: () => undefined,
    onMessage: (bytes) => heard.push(Buffer.from(bytes).toString()),
  });
  const close = async (): Promise<void> => {
    await transport.close();
    assert.deepEqual([network.openSockets, clock.pendingTimers], [0, 0]);
  };
  return { transport, heard, close };
}

function dns(records: readonly SrvRecord[], asked: string[]): DnsQueries {
  return {
    naptr: () => Promise.resolve([]),
    srv: (name) => {
      asked.push(name);
      return Promise.resolve(records);
    },
    addresses: () => Promise.resolve([]),
  };
}

const message = Buffer.from('OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n');
const hop = { transport: 'tcp', host: 'pbx.example.com', port: 5060 } as const;

async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('a host that has a name', { timeout: 20_000 }, () => {
  it('is looked up once; a place that cannot be reached is passed over, and stays so', async () => {
    const [live, dead] = [await desk(), await desk()];
    const record = (priority: number, port: number): SrvRecord => ({ priority, weight: 1, name: '127.0.0.1', port });
    const asked: string[] = [];
    const records = [record(1, dead.transport.local.port), record(2, live.transport.local.port)];
    await dead.close();
    const caller = await desk(new SipLocator(dns(records, asked), new SeededRandom(1)));
    const failures: Error[] = [];
    caller.transport.send(message, hop, (error) => failures.push(error));
    await until(() => live.heard.length === 1);
    caller.transport.send(message, hop, (error) => failures.push(error));
    await until(() => live.heard.length === 2);
    assert.deepEqual([asked, failures], [['_sip._tcp.pbx.example.com'], []]);
    await live.close();
    await until(() => failures.length === 2);
    await caller.close();
  });

  it('that DNS does not know fails as a host that cannot be reached does', async () => {
    const caller = await desk(new SipLocator(dns([], []), new SeededRandom(1)));
    const failures: string[] = [];
    caller.transport.send(message, hop, (error) => failures.push(error.message));
    await until(() => failures.length === 1);
    assert.equal(failures[0], 'DNS knows no place for pbx.example.com.');
    await caller.close();
  });

  it('without a name server is refused: loopback needs none', async () => {
    const caller = await desk();
    const failures: string[] = [];
    caller.transport.send(message, hop, (error) => failures.push(error.message));
    await until(() => failures.length === 1);
    assert.match(failures[0]!, /pbx\.example\.com is not an address of this machine's loopback/u);
    await caller.close();
  });
});
