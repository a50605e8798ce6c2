import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  decodeFrame,
  defaultConsent,
  type FullFrame,
  isFromOtherEnd,
  judgeTransfer,
  type NewPathFrame,
  requestGap,
  type TransferCircumstances,
  type TransferRequest,
  type TransferTarget,
} from '../../../../src/iax';

const boss: TransferTarget = { address: { host: '127.0.0.3', port: 4569 }, callNumber: 9396 };

const request: TransferRequest = { ...boss, transferId: 0x1234 };

const up: TransferCircumstances = {
  consent: 'allow',
  isUp: true,
  isAuthenticated: true,
  isEncrypted: false,
  loopbackOnly: true,
  sinceLast: undefined,
  last: undefined,
  own: { address: { host: '127.0.0.1', port: 4569 }, callNumber: 2654 },
  peer: { address: { host: '127.0.0.5', port: 4569 }, callNumber: 3001 },
  isTaken: () => false,
};

/** `allow`, `ask`, or the rule by which the request is refused. */
function judge(changes: Partial<TransferRequest>, circumstances: Partial<TransferCircumstances> = {}): string {
  const judgement = judgeTransfer({ ...request, ...changes }, { ...up, ...circumstances });
  return judgement.verdict === 'refuse' ? judgement.rule : judgement.verdict;
}

function at(host: string, port = 4569): Partial<TransferRequest> {
  return { address: { host, port } };
}

/** What a TXREQ in hexadecimal says. */
function read(hex: string): Partial<TransferRequest> {
  const frame = decodeFrame(Buffer.from(hex, 'hex')) as FullFrame;
  return { address: frame.element('apparentAddress'), callNumber: frame.element('callNumber'), transferId: frame.element('transferId') };
}

suite('whether an end obeys TXREQ', () => {
  test('on a leg that is up, to an address of this machine: yes', () => {
    assert.equal(judge({}), 'allow');
    assert.equal(judge({ transferId: undefined }), 'allow');
    assert.equal(judge({}, { consent: 'ask' }), 'ask');
  });

  test('the captured TXREQs are obeyed, the one with an IPv6 address is not', () => {
    assert.equal(judge(read('8bb90a5e00000e32050206161210020011d97f0000030000000000000000150224b41b0400001234')), 'allow');
    assert.match(judge(read('8bb90a5e00000e3205020616121c0a0011d90000000020010db800000000000000000000000300000000150224b41b0400001234')), /7\.1/);
    assert.match(judge(read('8bb90a5e00000e32050206161210020011d97f00000300000000000000001b0400001234')), /7\.1: TXREQ without/);
  });

  test('only when the call is up, its peer has authenticated, and nothing is encrypted', () => {
    assert.match(judge({}, { isUp: false }), /7\.3: the call is not up/);
    assert.match(judge({}, { isAuthenticated: false }), /7\.3: the peer is to authenticate/);
    assert.match(judge({}, { isEncrypted: true }), /1\.5: the call is encrypted/);
  });

  test('only when the person lets this peer do so: by default, on this machine', () => {
    assert.match(judge({}, { consent: 'off' }), /7\.3: transfers by this peer are switched off/);
    assert.equal(defaultConsent({ host: '127.0.0.9', port: 4569 }), 'allow');
    for (const host of ['192.0.2.1', '10.0.0.1', '128.0.0.1', '1.127.0.0', '127.255.255.255']) assert.equal(defaultConsent({ host, port: 4569 }), 'off', host);
  });

  test('only to the address of one host, and a port from 1024 on', () => {
    const open = { loopbackOnly: false };
    assert.equal(judge(at('192.0.2.1'), open), 'allow');
    assert.equal(judge(at('223.255.255.1'), open), 'allow');
    for (const host of ['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '127.255.255.255']) {
      assert.match(judge(at(host), open), /7\.3: APPARENT ADDR is no address of a host/, host);
    }
    for (const port of [0, 53, 1023]) assert.match(judge(at('192.0.2.1', port), open), /port is below 1024/);
    assert.equal(judge(at('192.0.2.1', 1024), open), 'allow');
  });

  test('in lab mode only to 127.0.0.0/8', () => {
    assert.equal(judge(at('127.255.0.1')), 'allow');
    for (const host of ['192.0.2.1', '10.0.0.1', '126.255.255.255', '128.0.0.1']) assert.match(judge(at(host)), /7\.3: APPARENT ADDR is not on this machine/, host);
  });

  test('only to a number that a call may have', () => {
    for (const callNumber of [0, 1, 0x8000, 0xffff]) assert.match(judge({ callNumber }), /4\.1: CALLNO/);
    assert.equal(judge({ callNumber: 2 }), 'allow');
    assert.equal(judge({ callNumber: 0x7fff }), 'allow');
  });

  test('neither to ourselves nor back to the middle nor into another call of ours', () => {
    assert.match(judge({ ...up.own }), /7\.3: the call would be connected to itself/);
    assert.match(judge({ ...up.peer }), /7\.3: the other end named is the middle itself/);
    assert.match(judge({}, { isTaken: (target) => target.callNumber === 9396 }), /7\.3: another call of ours/);
    // Both legs of the middle on one host: its own address, another number (IAX2 reference 6.6).
    assert.equal(judge({ address: up.own.address, callNumber: 2655 }), 'allow');
  });

  test('one address at a time: the same again may come at once, another after two seconds', () => {
    const other = { ...boss, callNumber: 77 };
    assert.equal(judge({ transferId: 5 }, { last: boss, sinceLast: 0.3 }), 'allow');
    assert.match(judge({}, { last: other, sinceLast: requestGap - 1 }), /7\.3: another address within two seconds/);
    assert.equal(judge({}, { last: other, sinceLast: requestGap }), 'allow');
  });
});

suite('whether a frame is from the other end', () => {
  const frame: NewPathFrame = { source: boss.address, sourceCall: 9396, destinationCall: 2654 };
  const fits = (changes: Partial<NewPathFrame>): boolean => isFromOtherEnd({ ...frame, ...changes }, boss, 2654);

  test('address and both numbers must be right', () => {
    assert.ok(fits({}));
    assert.ok(!fits({ source: { host: '127.0.0.3', port: 4570 } }), 'no adoption of another port (7.2)');
    assert.ok(!fits({ source: { host: '127.0.0.4', port: 4569 } }));
    assert.ok(!fits({ sourceCall: 9397 }));
    assert.ok(!fits({ destinationCall: 2655 }));
  });
});
