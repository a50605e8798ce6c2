import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TraceModel } from '../../../../src/trace';
import { FrameScript, places, Secretary } from './frame-script';

function outcome(model: TraceModel): readonly string[] {
  return model.transfers.map(({ kind, verdict, reason }) => `${kind} ${verdict}: ${reason}`);
}

suite('native transfers', () => {
  test('a supervised one that works, and the call between the two that it makes', () => {
    const model = new Secretary().request().probe().ready().resume().release().talk().script.model();
    assert.deepEqual(outcome(model), ['native success: 127.0.0.21:4569 talks to 101; 555 has left, and audio went both ways.']);
    assert.deepEqual(
      model.calls.map(({ caller, callee, state, continuedAs }) => [caller.name, callee.name, state, continuedAs?.id]),
      [
        ['127.0.0.21:4569', '555', 'ended', 'c3'],
        ['555', '101', 'ended', 'c3'],
        ['127.0.0.21:4569', '101', 'up', undefined],
      ],
    );
    const { survivingCall, replacedCalls } = model.transfers[0] ?? {};
    assert.equal(survivingCall?.id, 'c3');
    assert.deepEqual(replacedCalls?.map(({ id }) => id), ['c1', 'c2']);
    assert.equal(survivingCall.leg?.caller.number, 2654);
    assert.equal(survivingCall.leg.callee.number, 9396);
  });

  test('seen from the middle alone, it is known by its signalling only', () => {
    const model = new Secretary().request().ready().resume().release().script.model();
    assert.deepEqual(outcome(model), ['native success: 127.0.0.21:4569 talks to 101; 555 has left (the media was not in the capture).']);
  });

  test('the hold forgotten: nobody hears anybody', () => {
    const model = new Secretary().request().probe().ready().release().script.model();
    assert.deepEqual(outcome(model), [
      'native failed: 127.0.0.21:4569 and 101 are connected, but nobody hears anybody: 555 put 127.0.0.21:4569 on hold (QUELCH) and left without UNQUELCH.',
    ]);
    const decided = model.message(model.transfers[0]?.decidedBy ?? '');
    assert.equal(decided?.iax?.command, 'QUELCH');
  });

  test('the hold forgotten, with one end that drops QUELCH when it is moved', () => {
    const model = new Secretary().request().probe().ready().release().talk().script.model();
    assert.deepEqual(outcome(model), ['native success: 127.0.0.21:4569 talks to 101; 555 has left, and audio went both ways.']);
  });

  test('the boss still ringing: open until he answers the customer', () => {
    const blonde = new Secretary(false).request().probe().ready().resume().release();
    const before = blonde.script.journal();
    assert.equal(before.transfers[0]?.verdict, 'pending');
    assert.equal(before.transfers[0].reason, 'Customer waits for Boss, who is ringing; Secretary has left.');
    blonde.script.pass(2_000);
    blonde.path.control('boss', 'ANSWER');
    blonde.talk();
    assert.deepEqual(outcome(blonde.script.model()), ['native success: 127.0.0.21:4569 talks to 101, who still rang when 555 left, and audio went both ways.']);
  });

  test('the boss still ringing, who never answers', () => {
    const blonde = new Secretary(false).request().probe().ready().resume().release();
    blonde.script.pass(5_000);
    blonde.path.say('boss', 'HANGUP', { causeCode: 19 });
    assert.deepEqual(outcome(blonde.script.model()), ['native failed: 101 did not answer (cause 19, no answer).']);
  });

  test('one end cannot reach the other and says so after five seconds', () => {
    const attempt = new Secretary().request();
    for (const wait of [2_000, 1_000, 1_000]) {
      if (wait === 2_000) attempt.path.say('customer', 'TXCNT', { transferId: 0x1234 });
      attempt.script.pass(wait);
      attempt.path.again('customer');
    }
    attempt.script.pass(1_000);
    attempt.customer.say('customer', 'TXREJ');
    attempt.boss.say('secretary', 'TXREJ');
    const model = attempt.script.model();
    assert.deepEqual(outcome(model), [
      'native failed: 127.0.0.21:4569 could not reach 101 at 127.0.0.23:4569: its TXCNT went unanswered, and the calls go on through 555.',
    ]);
    assert.equal(model.messages.filter(({ iax, retransmissionOf }) => iax?.command === 'TXCNT' && retransmissionOf !== undefined).length, 3);
  });

  test('one end cannot hear the other, whose answers are lost: it did not refuse', () => {
    const attempt = new Secretary().request();
    attempt.path.say('boss', 'TXCNT', { transferId: 0x1234 }).say('customer', 'TXACC');
    attempt.script.lose();
    attempt.boss.say('boss', 'TXREJ');
    assert.deepEqual(outcome(attempt.script.journal()), [
      'native failed: Boss could not reach Customer at 127.0.0.21:4569: its TXCNT went unanswered, and the calls go on through Secretary.',
    ]);
  });

  test('one end refuses at once', () => {
    const attempt = new Secretary().request();
    attempt.boss.say('boss', 'TXREJ', { transferId: 0x1234 });
    assert.deepEqual(outcome(attempt.script.model()), ['native failed: 101 refused the transfer (TXREJ), and the calls go on through 555.']);
  });

  test('one end tells the other end instead of the one in the middle', () => {
    const attempt = new Secretary().request();
    attempt.path.say('boss', 'TXREJ', { transferId: 0x1234 });
    assert.deepEqual(outcome(attempt.script.model()), [
      'native failed: 101 gave the attempt up and told 127.0.0.21:4569 instead of 555 (TXREJ), and the calls go on through 555.',
    ]);
  });

  test('one end has never heard of native transfers', () => {
    const attempt = new Secretary().request();
    attempt.boss.say('boss', 'UNSUPPORT', { iaxUnknown: 22 });
    assert.deepEqual(outcome(attempt.script.model()), ['native failed: 101 does not know native transfers (UNSUPPORT), and the calls go on through 555.']);
  });

  test('somebody hangs up in the middle of it', () => {
    const attempt = new Secretary().request().probe();
    attempt.customer.say('customer', 'HANGUP', { causeCode: 16 });
    assert.deepEqual(outcome(attempt.script.model()), [
      'native failed: 127.0.0.21:4569 hung up before the transfer was completed (cause 16, normal clearing).',
    ]);
  });

  test('a TXREL that nobody acknowledges leaves it uncertain', () => {
    const attempt = new Secretary().request().probe().ready().resume().release('TXREL', { boss: { isAcknowledged: false } });
    attempt.path.voice('customer', { isAcknowledged: false });
    assert.deepEqual(outcome(attempt.script.model()), [
      'native failed: It is uncertain whether 101 was connected to 127.0.0.21:4569: it never acknowledged its TXREL.',
    ]);
  });

  test('a TXREL whose acknowledgement alone was lost: voice shows that it was obeyed', () => {
    const attempt = new Secretary().request().probe().ready().resume().release('TXREL', { boss: { isAcknowledged: false } }).talk();
    assert.deepEqual(outcome(attempt.script.model()), ['native success: 127.0.0.21:4569 talks to 101; 555 has left, and audio went both ways.']);
  });

  test('a TXREL to one end only tears the call in two', () => {
    const attempt = new Secretary().request().probe().ready();
    attempt.customer.say('secretary', 'TXREL', { callNumber: 9396 });
    assert.deepEqual(outcome(attempt.script.model()), [
      'native failed: 555 let 127.0.0.21:4569 go (TXREL) and never 101: the call is torn in two.',
    ]);
  });

  test('both have reached each other and are never let go', () => {
    const model = new Secretary().request().probe().ready().script.model();
    assert.deepEqual(outcome(model), [
      'native failed: 127.0.0.21:4569 and 101 had reached each other, but 555 never let them go (no TXREL), and the calls go on through 555.',
    ]);
  });

  test('TXREQ repeated with a new id is the same attempt', () => {
    const model = new Secretary().request(1).request(2).probe(2).ready().resume().release().talk().script.model();
    assert.deepEqual(outcome(model), ['native success: 127.0.0.21:4569 talks to 101; 555 has left, and audio went both ways.']);
  });

  test('a second attempt after a refused one is a transfer of its own', () => {
    const attempt = new Secretary().request();
    attempt.boss.say('boss', 'TXREJ');
    attempt.request().probe().ready().resume().release().talk();
    assert.deepEqual(attempt.script.model().transfers.map(({ verdict }) => verdict), ['failed', 'success']);
  });

  test('of the media alone: the calls stay', () => {
    const attempt = new Secretary().request().probe().ready().resume().release('TXMEDIA');
    attempt.path.mini('customer').mini('boss');
    const model = attempt.script.model();
    assert.deepEqual(outcome(model), [
      'native-media success: 127.0.0.21:4569 and 101 send each other their voice directly; the signalling stays with 555.',
    ]);
    assert.deepEqual(model.calls.map(({ state }) => state), ['up', 'up']);
  });

  test('in a lab, who hears whom decides', () => {
    const { script } = new Secretary().request().probe().ready().resume().release().talk();
    assert.deepEqual(outcome(script.journal({ customer: ['boss'], boss: ['customer'] })), ['native success: Customer talks to Boss; Secretary has left.']);
    const deaf = script.journal({ customer: ['boss'], boss: [] });
    deaf.advance(60_000);
    assert.deepEqual(outcome(deaf), ['native failed: The phones say that it worked, but Boss does not hear Customer.']);
  });

  test("a stranger's TXREQ with another's numbers is nobody's transfer", () => {
    const { script } = new Secretary();
    script.leg('stranger', 3001, 'customer', 2654).say('stranger', 'TXREQ', { apparentAddress: places.stranger, callNumber: 7, transferId: 9 }, { isAcknowledged: false });
    assert.deepEqual(outcome(script.model()), []);
  });
});

suite('TRANSFER', () => {
  /** The boss has a call through the switch (here called secretary) with the customer. */
  function throughSwitch(): { script: FrameScript; customer: ReturnType<FrameScript['leg']>; boss: ReturnType<FrameScript['leg']> } {
    const script = new FrameScript();
    const customer = script.leg('customer', 101, 'secretary', 102);
    const boss = script.leg('secretary', 103, 'boss', 104);
    customer.say('customer', 'NEW', { version: 2, calledNumber: '300', username: 'alice', format: 4 }).say('secretary', 'ACCEPT', { format: 4 });
    boss.call('secretary', 'boss', '300');
    customer.control('secretary', 'ANSWER');
    return { script, customer, boss };
  }

  test('handed over: the switch hangs up on the one who asked, and says no more', () => {
    const { script, customer, boss } = throughSwitch();
    boss.say('boss', 'TRANSFER', { calledNumber: '310' }).say('secretary', 'HANGUP', { causeCode: 16 });
    customer.control('secretary', 'RINGING');
    assert.deepEqual(outcome(script.model()), ['blind success: 300 handed Alice over to 310; nothing says whether 310 answered.']);
  });

  test('the new call is in the trace: then it is known', () => {
    for (const [isAnswered, expected] of [
      [true, 'blind success: Alice talks to 310; 300 has left (the media was not in the capture).'],
      [false, 'blind failed: 310 did not take the call (cause 17, busy).'],
    ] as const) {
      const { script, boss } = throughSwitch();
      boss.say('boss', 'TRANSFER', { calledNumber: '310' }).say('secretary', 'HANGUP', { causeCode: 16 });
      const next = script.leg('secretary', 105, 'stranger', 106);
      next.call('secretary', 'stranger', '310', isAnswered);
      if (!isAnswered) next.say('stranger', 'HANGUP', { causeCode: 17 });
      assert.deepEqual(outcome(script.model()), [expected]);
    }
  });

  test('a number that nobody has: both are hung up, and the one who asked sees a success', () => {
    const { script, customer, boss } = throughSwitch();
    boss.say('boss', 'TRANSFER', { calledNumber: '999' });
    customer.say('secretary', 'HANGUP', { causeCode: 16 });
    boss.say('secretary', 'HANGUP', { causeCode: 16 });
    assert.deepEqual(outcome(script.model()), [
      'blind failed: 127.0.0.22:4569 could not call 999 and hung up on Alice as well as on 300, and the call of Alice is lost.',
    ]);
  });

  test('a switch that knows the number by another name', () => {
    const { script, boss } = throughSwitch();
    boss.say('boss', 'TRANSFER', { calledNumber: '103' });
    script.leg('secretary', 105, 'stranger', 106).call('secretary', 'stranger', 'carol');
    boss.say('secretary', 'HANGUP', { causeCode: 16 });
    assert.deepEqual(outcome(script.model()), ['blind success: Alice talks to 103; 300 has left (the media was not in the capture).']);
  });

  test('a switch that says in words what the protocol cannot, and the calls that end later', () => {
    const { script, customer, boss } = throughSwitch();
    boss.say('boss', 'TRANSFER', { calledNumber: '999' }).text('secretary', 'Not transferred: no such number.');
    const model = script.journal();
    assert.deepEqual(outcome(model), ['blind pending: Secretary did not do the transfer and says "Not transferred: no such number.".']);
    boss.say('boss', 'HANGUP', { causeCode: 16 });
    customer.say('secretary', 'HANGUP', { causeCode: 16 });
    const after = script.model();
    assert.match(outcome(after)[0] ?? '', /^blind failed: 127\.0\.0\.22:4569 did not do the transfer and says "Not transferred: no such number\."/u);
    assert.deepEqual(after.lints, []);
  });

  test('a switch that does not know it, and one that does nothing', () => {
    const first = throughSwitch();
    first.boss.say('boss', 'TRANSFER', { calledNumber: '310' }).say('secretary', 'UNSUPPORT', { iaxUnknown: 34 });
    assert.deepEqual(outcome(first.script.model()), ['blind failed: 127.0.0.22:4569 does not do TRANSFER (UNSUPPORT), and the call of 300 goes on.']);
    const second = throughSwitch();
    second.boss.say('boss', 'TRANSFER', { calledNumber: '310' });
    second.script.pass(4_000);
    second.boss.voice('boss');
    assert.deepEqual(outcome(second.script.model()), ['blind failed: 127.0.0.22:4569 did nothing about the transfer to 310, and the call of 300 goes on.']);
  });
});
