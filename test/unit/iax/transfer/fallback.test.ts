import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CallLabError } from '../../../../src/core';
import { nothingLeft, type StageOptions, TransferStage } from '../../../support/iax-transfer-stage';

/*
 * Native transfers that do not come about: whatever goes wrong, both calls are as they were before, and nobody is cut off.
 */

const before = 'C: S:B B:S';

/** A transfer by a secretary who holds the customer. `hinder` may set a filter or act; then it is decided. */
function attempt(hinder: (stage: TransferStage) => void, options: StageOptions = {}): TransferStage {
  const stage = new TransferStage({ isHeld: true, ...options });
  assert.ok(stage.setUp());
  hinder(stage);
  stage.connect();
  assert.ok(stage.carryUntil(() => stage.outcomes.length > 0));
  return stage;
}

/** Everybody as before, the customer still held; and when he is let go, he is heard. */
function asBefore(stage: TransferStage): void {
  stage.carry(1_000);
  assert.equal(stage.hearing(), before);
  stage.withCustomer.resume();
  stage.carry(100);
  assert.equal(stage.hearing(), 'C:S S:BC B:S');
  assert.deepEqual(stage.strike(), nothingLeft);
}

function loses(stage: TransferStage, ...lines: readonly string[]): void {
  stage.rig.filter = (datagram) => !lines.includes(stage.brief(datagram).replace('*', ''));
}

function blocks(stage: TransferStage, from: string, to: string): void {
  stage.rig.filter = (datagram) => !stage.brief(datagram).startsWith(`${from}>${to} `);
}

suite('a native transfer that fails', () => {
  for (const [who, side] of [['customer', 'a'], ['boss', 'b']] as const) {
    test(`the ${who} allows no transfers: TXREJ at once, forwarded to the other end`, () => {
      const stage = attempt(() => undefined, { [who]: { transferPolicy: 'off' } });
      assert.deepEqual(stage.outcomes, [{ is: 'rejected', side, text: 'One end refused (TXREJ).' }]);
      const problems = stage[who].problems;
      assert.deepEqual(problems, ['TXREQ was refused: IAX2 reference 7.3: transfers by this peer are switched off']);
      const [refuses, other] = who === 'customer' ? ['C', 'B'] : ['B', 'C'];
      const flow = stage.rig.sent.map(stage.brief);
      assert.ok(flow.includes(`${refuses}>S TXREJ`) && flow.includes(`S>${other} TXREJ`));
      assert.ok(!flow.some((line) => line.startsWith(`${refuses}>${other} `)), 'TXCNTs of the other end get no TXACC');
      asBefore(stage);
    });
  }

  test('the ends do not reach each other: TXREJ after five seconds, voice goes on all the time', () => {
    const stage = attempt((on) => {
      on.rig.filter = (datagram) => !/^(?:C>B|B>C) /u.test(on.brief(datagram));
    });
    assert.equal(stage.outcomes[0]?.is, 'timed-out');
    const probes = stage.rig.sent.filter((datagram) => stage.brief(datagram).startsWith('C>B TXCNT'));
    const started = probes[0]?.at ?? 0;
    assert.deepEqual(probes.map(({ at }) => at - started), [0, 2_000, 3_000, 4_000]);
    assert.deepEqual(probes.map((datagram) => stage.brief(datagram)), ['C>B TXCNT', 'C>B TXCNT*', 'C>B TXCNT*', 'C>B TXCNT*']);
    asBefore(stage);
  });

  for (const [from, to] of [['C', 'B'], ['B', 'C']] as const) {
    test(`one end is not where the secretary sees it: nothing passes from ${from} to ${to}`, () => {
      const stage = attempt((on) => {
        blocks(on, from, to);
      });
      assert.equal(stage.outcomes[0]?.is, 'timed-out');
      asBefore(stage);
    });
  }

  test('tried again under a new id, when the first attempt failed by time', () => {
    const stage = new TransferStage({ isHeld: true });
    assert.ok(stage.setUp());
    const started = stage.rig.clock.now();
    stage.rig.filter = (datagram) => stage.rig.clock.now() > started + 5_000 || !stage.brief(datagram).startsWith('C>B ');
    stage.connect({ attempts: 3 });
    assert.ok(stage.carryUntil(() => stage.outcomes.length > 0));
    assert.deepEqual(stage.outcomes.map(({ is }) => is), ['done']);
    const ids = stage.framesBetween(stage.secretary, stage.boss).filter(({ title }) => title === 'TXREQ').map((frame) => frame.element('transferId'));
    assert.equal(new Set(ids).size, 2);
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('a refusal is not tried again', () => {
    const stage = new TransferStage({ boss: { transferPolicy: 'off' } });
    assert.ok(stage.setUp());
    stage.connect({ attempts: 5 });
    stage.carry(1_000);
    assert.deepEqual(stage.outcomes.map(({ is }) => is), ['rejected']);
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('an end that never says TXREADY: TXREJ to both after ten seconds', () => {
    const stage = attempt((on) => {
      loses(on, 'B>S TXREADY');
    });
    assert.deepEqual(stage.outcomes, [{ is: 'timed-out', side: undefined, text: 'The ends did not find each other within ten seconds.' }]);
    stage.rig.filter = () => true;
    stage.carry(500);
    const flow = stage.rig.sent.map(stage.brief);
    assert.ok(flow.includes('S>C TXREJ') && flow.includes('S>B TXREJ'));
    asBefore(stage);
  });

  test('UNQUELCH does not arrive: no TXREL, and who was held is held again', () => {
    const stage = attempt((on) => {
      loses(on, 'S>C UNQUELCH');
    });
    assert.equal(stage.outcomes[0]?.is, 'timed-out');
    stage.rig.filter = () => true;
    assert.ok(!stage.rig.sent.map(stage.brief).some((line) => line.includes('TXREL')));
    stage.carry(15_000);
    assert.equal(stage.withCustomer.holding, 'quelch');
    asBefore(stage);
  });

  test('given up by the secretary', () => {
    const stage = new TransferStage({ isHeld: true });
    assert.ok(stage.setUp());
    blocks(stage, 'C', 'B');
    const transfer = stage.connect({ attempts: 3 });
    stage.carry(1_000);
    transfer.withdraw();
    stage.carry(100);
    assert.deepEqual(stage.outcomes.map(({ is }) => is), ['withdrawn']);
    asBefore(stage);
  });

  test('TXREL to one end is lost several times: it is sent until it arrives', () => {
    for (const end of ['C', 'B']) {
      const stage = new TransferStage();
      assert.ok(stage.setUp());
      let left = 6;
      stage.rig.filter = (datagram) => !stage.brief(datagram).startsWith(`S>${end} TXREL`) || (left -= 1) < 0;
      stage.connect();
      assert.ok(stage.carryUntil(() => stage.outcomes.length > 0));
      assert.equal(stage.outcomes[0]?.is, 'done');
      assert.equal(stage.hearing(), 'C:B S: B:C');
      assert.deepEqual(stage.strike(), nothingLeft);
    }
  });

  test('the ACK of TXREL is lost: the end that has moved says it again to the one it came from', () => {
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    let left = 5;
    stage.rig.filter = (datagram) => stage.transfer?.state !== 'releasing' || stage.brief(datagram) !== 'C>S ACK' || (left -= 1) < 0;
    stage.connect();
    assert.ok(stage.carryUntil(() => stage.outcomes.length > 0));
    assert.equal(stage.outcomes[0]?.is, 'done');
    assert.ok(left < 0, 'five ACKs were lost');
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('TXREL never arrives at one end: uncertain, and the one that moved is not hung up by the secretary', () => {
    const stage = attempt((on) => {
      loses(on, 'S>B TXREL');
    });
    assert.deepEqual(stage.outcomes.map(({ is, side }) => ({ is, side })), [{ is: 'uncertain', side: 'b' }]);
    assert.ok(!stage.rig.titles(stage.secretary).includes('HANGUP'));
    assert.ok(!stage.rig.titles(stage.secretary).includes('INVAL'));
    stage.carry(90_000);
    assert.ok(!stage.rig.titles(stage.secretary).includes('HANGUP'));
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  for (const [state, who, side] of [['begin', 'ofBoss', 'b'], ['half-ready', 'ofCustomer', 'a']] as const) {
    test(`one end hangs up in state ${state}: the other keeps its call with a secretary who does not relay`, () => {
      const stage = new TransferStage();
      assert.ok(stage.setUp());
      loses(stage, 'B>S TXREADY');
      stage.connect();
      assert.ok(stage.runUntil(() => stage.transfer?.state === state));
      stage[who].hangUp();
      stage.carry(500);
      assert.deepEqual(stage.outcomes.map((outcome) => [outcome.is, outcome.side]), [['ended', side]]);
      stage.rig.filter = () => true;
      stage.carry(2_000);
      assert.equal(stage.hearing(), side === 'b' ? 'C:S S:C B:' : 'C: S:B B:S');
      assert.deepEqual(stage.strike(), nothingLeft);
    });

    test(`one end hangs up in state ${state}: a secretary who relays passes that on`, () => {
      const stage = new TransferStage();
      assert.ok(stage.setUp());
      loses(stage, 'B>S TXREADY');
      stage.connect({ relay: true });
      assert.ok(stage.runUntil(() => stage.transfer?.state === state));
      stage[who].hangUp({ code: 17, text: 'no time' });
      stage.carry(500);
      stage.rig.filter = () => true;
      stage.carry(2_000);
      assert.deepEqual(stage.outcomes.map((outcome) => [outcome.is, outcome.side]), [['ended', side]]);
      assert.deepEqual(stage[side === 'b' ? 'ofCustomer' : 'ofBoss'].cause, { code: 17, text: 'no time' });
      assert.deepEqual(stage.strike(), nothingLeft);
    });
  }

  test('the secretary hangs up both calls when she has released them: no HANGUP goes out, and TXREL goes on until it arrives', () => {
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    loses(stage, 'S>B TXREL');
    stage.connect();
    assert.ok(stage.runUntil(() => stage.transfer?.state === 'releasing'));
    stage.withCustomer.hangUp();
    stage.withBoss.hangUp();
    stage.carry(2_000);
    stage.rig.filter = () => true;
    stage.carry(5_000);
    assert.ok(!stage.rig.titles(stage.secretary).includes('HANGUP'));
    assert.equal(stage.outcomes[0]?.is, 'done');
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('an end hangs up when it is being released: the other hears it from there, and nobody waits', () => {
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    stage.connect();
    assert.ok(stage.runUntil(() => stage.transfer?.state === 'releasing'));
    stage.ofBoss.hangUp();
    stage.carry(2_000);
    assert.deepEqual(stage.outcomes.map((outcome) => [outcome.is, outcome.side]), [['ended', 'b']]);
    assert.equal(stage.ofCustomer.state, 'ended');
    assert.ok(!stage.rig.titles(stage.secretary).includes('HANGUP'));
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('cannot even be tried: a call with itself, one that is not up, two codecs, one that is under way', () => {
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    const { endpoint } = stage.secretary;
    const refused = (pattern: RegExp, run: () => unknown): void => {
      assert.throws(run, (error) => error instanceof CallLabError && error.code === 'CL3003' && pattern.test(error.message));
    };
    refused(/itself/, () => endpoint.connect(stage.withBoss, stage.withBoss));
    const early = stage.secretary.call(stage.boss);
    refused(/not up/, () => endpoint.connect(stage.withBoss, early));
    stage.carry(100);
    stage.boss.lastCall.accept();
    stage.carry(100);
    endpoint.connect(stage.withCustomer, stage.withBoss);
    refused(/being transferred/, () => endpoint.connect(stage.withCustomer, early));
    early.hangUp();
    refused(/is over/, () => endpoint.connect(early, stage.withCustomer));
    const other = stage.secretary.call(stage.boss, { codecs: ['PCMA'] });
    stage.carry(1_000);
    stage.boss.lastCall.answer();
    const third = stage.secretary.call(stage.boss);
    stage.carry(1_000);
    stage.boss.lastCall.answer();
    stage.carry(100);
    refused(/PCMA.*PCMU/, () => endpoint.connect(other, third));
    other.hangUp();
    third.hangUp();
    assert.deepEqual(stage.strike(), nothingLeft);
  });
});

suite('asking a person before an end obeys', () => {
  function ask(decide: (decide: (isAllowed: boolean) => void) => void): TransferStage {
    const stage = new TransferStage({ boss: { transferPolicy: 'ask' } });
    assert.ok(stage.setUp());
    stage.boss.endpoint.on('transferRequested', (call, target, answer) => {
      assert.equal(call, stage.ofBoss);
      assert.deepEqual(target.address, stage.customer.address);
      decide(answer);
    });
    stage.connect();
    stage.carry(500);
    assert.ok(!stage.rig.sent.map(stage.brief).includes('B>C TXCNT'), 'nothing is sent before the answer');
    return stage;
  }

  test('yes', () => {
    let answer: (isAllowed: boolean) => void = () => undefined;
    const stage = ask((decide) => (answer = decide));
    answer(true);
    answer(false);
    assert.ok(stage.carryUntil(() => stage.outcomes.length > 0));
    assert.equal(stage.outcomes[0]?.is, 'done');
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('no', () => {
    let answer: (isAllowed: boolean) => void = () => undefined;
    const stage = ask((decide) => (answer = decide));
    answer(false);
    answer(true);
    stage.carry(100);
    assert.equal(stage.outcomes[0]?.is, 'rejected');
    assert.equal(stage.hearing(), 'C:S S:BC B:S');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('nobody there to be asked, or an answer at once', () => {
    for (const answer of [undefined, false, true]) {
      const stage = new TransferStage({ boss: { transferPolicy: 'ask' } });
      assert.ok(stage.setUp());
      if (answer !== undefined) stage.boss.endpoint.on('transferRequested', (_call, _target, decide) => decide(answer));
      const timers = stage.rig.clock.pendingTimers;
      stage.connect();
      stage.rig.run(50);
      assert.equal(stage.outcomes[0]?.is, answer === true ? 'done' : 'rejected');
      stage.rig.run(1_000);
      if (answer !== true) assert.equal(stage.rig.clock.pendingTimers, timers, 'no question is left');
      assert.deepEqual(stage.strike(), nothingLeft);
    }
  });

  test('no answer: refused before the other end gives up; a late yes changes nothing', () => {
    let answer: (isAllowed: boolean) => void = () => undefined;
    const stage = ask((decide) => (answer = decide));
    stage.carry(4_000);
    assert.equal(stage.outcomes[0]?.is, 'rejected');
    answer(true);
    stage.carry(500);
    assert.equal(stage.hearing(), 'C:S S:BC B:S');
    assert.deepEqual(stage.strike(), nothingLeft);
  });
});
