import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TraceModel, type Transfer } from '../../../src/trace';
import { answeredCall, CallScript, ended, notify, reinvite, simple } from './call-script';
import { attendedTransfer, blindTransfer, failedBlindTransfer, heldCall, referToTarget } from './transfers';

/** The only transfer of a trace. */
function theTransfer(model: TraceModel): Transfer {
  assert.equal(model.transfers.length, 1);
  const [transfer] = model.transfers;
  assert.ok(transfer !== undefined);
  return transfer;
}

function roles({ transferor, transferee, target }: Transfer): string[] {
  return [transferor.name, transferee.name, target.name];
}

function messageText(model: TraceModel, id: string | undefined): string {
  const message = id === undefined ? undefined : model.message(id);
  return Buffer.from(message?.bytes ?? []).toString();
}

test('a blind transfer: its roles, its calls, its progress and its verdict', () => {
  const model = blindTransfer().captured();
  const transfer = theTransfer(model);
  assert.equal(transfer.kind, 'blind');
  assert.deepEqual(roles(transfer), ['bob', 'alice', 'charlie']);
  assert.deepEqual(
    transfer.progress.map(({ status, final }) => [status, final]),
    [
      [100, false],
      [200, true],
    ],
  );
  assert.deepEqual(
    transfer.replacedCalls.map(({ caller, callee }) => `${caller.name} ${callee.name}`),
    ['alice bob'],
  );
  assert.equal(transfer.survivingCall?.callee.name, 'charlie');
  assert.equal(transfer.verdict, 'success');
  assert.equal(transfer.reason, 'Alice talks to Charlie; Bob has left (the media was not in the capture).');
  assert.match(messageText(model, transfer.decidedBy), /^NOTIFY [^]*SIP\/2\.0 200 OK\r\n$/);
});

test('its messages begin with the REFER and end with the end of the first call', () => {
  const model = blindTransfer().captured();
  const texts = theTransfer(model).messages.map((id) => messageText(model, id));
  assert.match(texts[0] ?? '', /^REFER /);
  assert.match(texts.at(-2) ?? '', /^BYE /);
  assert.match(texts.at(-1) ?? '', /^SIP\/2\.0 200 [^]*CSeq: \d+ BYE/);
});

test('over TCP, where each connection begins at a port of its own', () => {
  const { packets } = blindTransfer();
  const ports = { alice: 40_001, bob: 40_002, charlie: 40_003, dave: 40_004 };
  const isRequest = (bytes: Uint8Array): boolean => !Buffer.from(bytes).toString().startsWith('SIP/2.0');
  const model = TraceModel.from(
    packets.map(({ from, to, source, destination, ...packet }) => ({
      ...packet,
      transport: 'tcp' as const,
      source: isRequest(packet.bytes) ? { ...source, port: ports[from] } : source,
      destination: isRequest(packet.bytes) ? destination : { ...destination, port: ports[to] },
    })),
  );
  const transfer = theTransfer(model);
  assert.deepEqual(roles(transfer), ['bob', 'alice', 'charlie']);
  assert.equal(transfer.reason, 'Alice talks to Charlie; Bob has left (the media was not in the capture).');
});

test('an attended transfer replaces both calls of the transferor', () => {
  const model = attendedTransfer().captured();
  const transfer = theTransfer(model);
  assert.equal(transfer.kind, 'attended');
  assert.deepEqual(roles(transfer), ['bob', 'alice', 'charlie']);
  assert.deepEqual(
    transfer.replacedCalls.map(({ caller, callee }) => `${caller.name} ${callee.name}`),
    ['alice bob', 'bob charlie'],
  );
  assert.equal(transfer.verdict, 'success');
});

test('a consultation call that nobody ends is named', () => {
  const script = attendedTransfer();
  const withoutBye = script.packets.filter(
    ({ from, bytes }) => !(from === 'charlie' && bytes.toString().startsWith('BYE')),
  );
  const model = modelOf(withoutBye);
  assert.equal(theTransfer(model).verdict, 'success');
  assert.match(theTransfer(model).reason, /the call between Bob and Charlie is still up/);
});

test('live, a success needs that the right people hear each other', () => {
  const script = blindTransfer((early) => {
    early.hears('alice', 'bob');
    early.hears('bob', 'alice');
  });
  assert.equal(theTransfer(script.live()).verdict, 'pending');
  assert.match(theTransfer(script.live()).reason, /^Alice and Charlie are connected;/);
  script.hears('bob');
  script.hears('alice', 'charlie');
  assert.equal(theTransfer(script.live()).verdict, 'pending');
  script.hears('charlie', 'alice');
  const transfer = theTransfer(script.live());
  assert.equal(transfer.verdict, 'success');
  assert.equal(transfer.reason, 'Alice talks to Charlie; Bob has left.');
});

test('live, a success that nobody hears is a failure after the settling time, and says who does not hear whom', () => {
  const cases = [
    { heard: {}, reason: 'The phones say that it worked, but Alice and Charlie do not hear each other.' },
    {
      heard: { alice: ['charlie'] as const },
      reason: 'The phones say that it worked, but Charlie does not hear Alice.',
    },
    {
      heard: { charlie: ['alice'] as const },
      reason: 'The phones say that it worked, but Alice does not hear Charlie.',
    },
    {
      heard: { alice: ['charlie', 'bob'] as const, charlie: ['alice'] as const },
      reason: 'The phones say that it worked, but Alice still hears Bob.',
    },
  ];
  for (const { heard, reason } of cases) {
    const script = blindTransfer((early) => early.hears('alice', 'bob'));
    script.hears('alice', ...(heard.alice ?? []));
    script.hears('charlie', ...(heard.charlie ?? []));
    const model = script.live();
    model.advance(model.now + 2_900);
    assert.equal(theTransfer(model).verdict, 'pending');
    model.advance(model.now + 200);
    assert.equal(theTransfer(model).verdict, 'failed');
    assert.equal(theTransfer(model).reason, reason);
  }
});

test('live, a lab that measures nothing says so, once a first measurement would have come', () => {
  const model = blindTransfer().live();
  assert.equal(theTransfer(model).verdict, 'pending');
  model.advance(model.now + 3_100);
  assert.equal(theTransfer(model).verdict, 'success');
  assert.match(theTransfer(model).reason, /the media was not measured/);
});

test('live, the settling time of the media begins with the ACK: without it nobody may have heard anything', () => {
  const script = blindTransfer((early) => early.hears('alice', 'bob'));
  const acks = (bytes: Uint8Array): boolean => Buffer.from(bytes).toString().startsWith('ACK sip:charlie');
  const model = new TraceModel();
  for (const entry of script.journal.entries) if (entry.kind !== 'packet' || !acks(entry.bytes)) model.feed(entry);
  model.advance(model.now + 20_000);
  assert.equal(theTransfer(model).verdict, 'pending');
  for (const entry of script.journal.entries) {
    if (entry.kind === 'packet' && acks(entry.bytes)) model.feed({ ...entry, at: model.now });
  }
  model.advance(model.now + 3_100);
  assert.equal(theTransfer(model).verdict, 'failed');
});

test('live, a new call that ends before anybody is heard is no success', () => {
  const script = new CallScript();
  script.hears('alice', 'bob');
  const first = heldCall(script);
  referToTarget(first);
  const second = answeredCall(script, 'alice', 'charlie', 'd2');
  notify(first, 'alice', '200 OK', ended);
  simple(first, 'bob', 'BYE');
  simple(second, 'charlie', 'BYE');
  const transfer = theTransfer(script.live());
  assert.equal(transfer.verdict, 'failed');
  assert.equal(
    transfer.reason,
    'Alice and Charlie were connected, but the call ended before they were heard to hear each other.',
  );
});

test('a success stays one when the new call ends in the normal way', () => {
  const script = blindTransfer((early) => early.hears('alice', 'bob'));
  script.hears('alice', 'charlie');
  script.hears('charlie', 'alice');
  script.hears('alice');
  script.hears('charlie');
  script.wait(10_000);
  const model = script.live();
  model.finish();
  assert.equal(theTransfer(model).verdict, 'success');
});

test('a busy target: the recovery is told as it happens', () => {
  const held = failedBlindTransfer(486, 'Busy Here', false);
  assert.equal(theTransfer(held.captured()).reason, 'Charlie was busy (486), and Alice is still on hold.');
  const resumed = failedBlindTransfer(486, 'Busy Here');
  const model = resumed.captured();
  assert.equal(theTransfer(model).reason, 'Charlie was busy (486), and Alice and Bob are talking again.');
  assert.match(messageText(model, theTransfer(model).decidedBy), /^NOTIFY [^]*486 Busy Here/);
  assert.equal(model.calls[0]?.held.callee, false);
});

test('a first call that goes on after the failure may end in the normal way; one that ends at once was given up', () => {
  for (const [pause, recovery] of [
    [5_000, 'Alice and Bob are talking again'],
    [0, 'Bob has hung up on Alice'],
  ] as const) {
    const script = new CallScript();
    const first = heldCall(script);
    simple(first, 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>']], answer: '603 Decline' });
    reinvite(first, 'bob', 'sendrecv', 'sendrecv');
    script.wait(pause);
    simple(first, 'bob', 'BYE');
    assert.equal(theTransfer(script.captured()).reason, `Alice refused the transfer (603), and ${recovery}.`);
  }
});

test('a failure names who hung up afterwards', () => {
  const script = new CallScript();
  const first = heldCall(script);
  referToTarget(first);
  const second = script.dialog('alice', 'charlie', 'd2');
  const invite = second.request('alice', 'INVITE', { sdp: 'sendrecv' });
  simple(first, 'bob', 'BYE');
  second.respond(invite, 603, 'Decline');
  second.follow(invite, 'ACK', false);
  notify(first, 'alice', '603 Decline', ended, '481 Call/Transaction Does Not Exist');
  assert.equal(theTransfer(script.captured()).reason, 'Charlie declined (603), and Bob has hung up on Alice.');
});

test('each way to fail has its sentence', () => {
  const sentences: readonly (readonly [number, string, string])[] = [
    [404, 'Not Found', 'Charlie could not be found (404)'],
    [480, 'Temporarily Unavailable', 'Charlie could not be reached (480)'],
    [487, 'Request Terminated', 'Charlie did not answer, and the call was given up (487)'],
    [488, 'Not Acceptable Here', 'Charlie could not agree on the media (488)'],
    [600, 'Busy Everywhere', 'Charlie was busy (600)'],
    [499, 'Odd; <b>', 'the call to Charlie failed (499 Odd; <b>)'],
    [401, 'Unauthorized', 'Charlie asked for a password that nobody gave (401)'],
  ];
  for (const [status, reason, clause] of sentences) {
    const told = theTransfer(failedBlindTransfer(status, reason).captured()).reason;
    assert.equal(told.toLowerCase(), `${clause}, and alice and bob are talking again.`.toLowerCase());
  }
});

test('a REFER refused leaves the first call', () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['603 Decline', 'Alice refused the transfer (603), and Alice is still on hold.'],
    ['501 Not Implemented', "Alice's phone does not do transfers (501), and Alice is still on hold."],
    [
      '481 Call Leg Does Not Exist',
      'Alice knew nothing of the call to be transferred (481), and Alice is still on hold.',
    ],
  ];
  for (const [answer, reason] of refusals) {
    const script = new CallScript();
    simple(heldCall(script), 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>']], answer });
    const transfer = theTransfer(script.captured());
    assert.equal(transfer.verdict, 'failed');
    assert.equal(transfer.reason, reason);
  }
});

test('a REFER that is challenged and repeated with credentials is one transfer', () => {
  const script = new CallScript();
  const first = heldCall(script);
  simple(first, 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>']], answer: '401 Unauthorized' });
  assert.equal(theTransfer(script.live()).verdict, 'pending');
  referToTarget(first);
  answeredCall(script, 'alice', 'charlie', 'd2');
  notify(first, 'alice', '200 OK', ended);
  simple(first, 'bob', 'BYE');
  assert.equal(theTransfer(script.captured()).verdict, 'success');
});

test('a challenge that nobody answers is a failure after the settling time', () => {
  const script = new CallScript();
  simple(heldCall(script), 'bob', 'REFER', {
    headers: [['Refer-To', '<sip:charlie@127.0.0.13>']],
    answer: '407 Proxy Authentication Required',
  });
  const model = script.live();
  model.advance(model.now + 3_100);
  assert.equal(
    theTransfer(model).reason,
    'Alice asked for a password that nobody gave (407), and Alice is still on hold.',
  );
});

test('a REFER that is never answered fails with Timer F', () => {
  const script = new CallScript();
  const first = heldCall(script);
  first.request('bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>']], lost: true });
  const model = script.live();
  assert.equal(theTransfer(model).reason, 'Bob asks Alice to call Charlie.');
  model.advance(model.now + 31_000);
  assert.equal(theTransfer(model).verdict, 'pending');
  model.advance(model.now + 4_100);
  assert.equal(theTransfer(model).reason, 'Alice never answered the REFER, and Alice is still on hold.');
});

test('without any NOTIFY, who has left shows the success; who waits was never told', () => {
  const build = (leaves: boolean): Transfer => {
    const script = new CallScript();
    const first = heldCall(script);
    simple(first, 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>']], answer: '202 Accepted' });
    answeredCall(script, 'alice', 'charlie', 'd2');
    if (leaves) simple(first, 'bob', 'BYE');
    return theTransfer(script.captured());
  };
  assert.equal(build(true).verdict, 'success');
  const waiting = build(false);
  assert.equal(waiting.verdict, 'failed');
  assert.equal(waiting.reason, 'Alice talks to Charlie, but Bob was never told and has not hung up.');
});

test('a transferor who leaves at once and refuses the news takes nothing with him', () => {
  const script = new CallScript();
  const first = heldCall(script);
  referToTarget(first);
  simple(first, 'bob', 'BYE');
  answeredCall(script, 'alice', 'charlie', 'd2');
  notify(first, 'alice', '200 OK', ended, '481 Call/Transaction Does Not Exist');
  const model = script.captured();
  assert.equal(theTransfer(model).verdict, 'success');
  assert.equal(model.subscriptions[0]?.refusedNotify, 481);
});

test('a success reported too early does not hide the failure', () => {
  const script = new CallScript();
  const first = heldCall(script);
  referToTarget(first);
  const second = script.dialog('alice', 'charlie', 'd2');
  const invite = second.request('alice', 'INVITE', { sdp: 'sendrecv' });
  second.respond(invite, 180, 'Ringing');
  notify(first, 'alice', '200 OK', ended);
  simple(first, 'bob', 'BYE');
  assert.equal(theTransfer(script.live()).verdict, 'pending');
  second.respond(invite, 486, 'Busy Here');
  assert.equal(
    theTransfer(script.live()).reason,
    'Alice reported success too early: Charlie was busy (486), and Bob has hung up on Alice.',
  );
});

test('news may come before the answer to the REFER, and without an id or with one', () => {
  const script = new CallScript();
  const first = heldCall(script);
  const refer = first.request('bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>']] });
  notify(first, 'alice', '100 Trying');
  first.respond(refer, 202, 'Accepted');
  assert.deepEqual(
    theTransfer(script.captured()).progress.map(({ status }) => status),
    [100],
  );
});

test('a target whose phone does not know Replaces is named as the cause', () => {
  const transfer = theTransfer(attendedTransfer(undefined, [420, 'Bad Extension']).captured());
  assert.equal(transfer.verdict, 'failed');
  assert.equal(transfer.reason, "Charlie's phone cannot take over a call (420), and Alice and Bob are talking again.");
});

test('a Replaces that fits no call is explained', () => {
  const causes: readonly (readonly [(callId: string) => string, string])[] = [
    [() => 'd2;to-tag=b-d2;from-tag=c-d2', 'the tags of the Replaces are exchanged'],
    [() => 'd1;to-tag=a-d1;from-tag=b-d1', 'the Replaces names the very call that was to be transferred'],
    [() => 'd2;to-tag=x;from-tag=b-d2', 'the Replaces has the right Call-ID and wrong tags'],
    [() => 'nobody;to-tag=x;from-tag=y', 'the Call-ID in the Replaces belongs to no call of this trace'],
  ];
  for (const [replacesOf, cause] of causes) {
    const transfer = theTransfer(attendedTransfer(({ callId }) => replacesOf(callId)).captured());
    assert.equal(transfer.verdict, 'failed');
    assert.equal(
      transfer.reason,
      `Charlie knew no call to be replaced (481: ${cause}), and Alice and Bob are talking again.`,
    );
  }
});

test('a transferred call can be transferred again', () => {
  const script = new CallScript();
  const first = heldCall(script);
  referToTarget(first);
  const second = answeredCall(script, 'alice', 'charlie', 'd2');
  notify(first, 'alice', '200 OK', ended);
  simple(first, 'bob', 'BYE');
  reinvite(second, 'charlie', 'sendonly', 'recvonly');
  simple(second, 'charlie', 'REFER', { headers: [['Refer-To', '<sip:bob@127.0.0.12>']], answer: '202 Accepted' });
  answeredCall(script, 'alice', 'bob', 'd3');
  notify(second, 'alice', '200 OK', ended);
  simple(second, 'charlie', 'BYE');
  const model = script.captured();
  assert.deepEqual(model.transfers.map(roles), [
    ['bob', 'alice', 'charlie'],
    ['charlie', 'alice', 'bob'],
  ]);
  assert.deepEqual(
    model.transfers.map(({ verdict }) => verdict),
    ['success', 'success'],
  );
  const [one, two] = model.transfers;
  assert.deepEqual(
    one?.messages.filter((id) => two?.messages.includes(id)),
    [],
  );
});

test('a redirection: who sent whom on, and what came of it', () => {
  const build = (status: number, reason: string): Transfer => {
    const script = new CallScript();
    const dialog = script.dialog('alice', 'bob', 'd1');
    const invite = dialog.request('alice', 'INVITE', { sdp: 'sendrecv' });
    dialog.respond(invite, 302, 'Moved Temporarily', { headers: [['Contact', '<sip:charlie@127.0.0.13>']] });
    dialog.follow(invite, 'ACK', false);
    const next = script.dialog('alice', 'charlie', 'd2');
    const again = next.request('alice', 'INVITE', { sdp: 'sendrecv' });
    next.respond(again, status, reason, status === 200 ? { sdp: 'sendrecv' } : {});
    next.follow(again, 'ACK', status === 200);
    return theTransfer(script.captured());
  };
  const good = build(200, 'OK');
  assert.equal(good.kind, 'redirect');
  assert.deepEqual(roles(good), ['bob', 'alice', 'charlie']);
  assert.equal(good.reason, 'Alice talks to Charlie; Bob sent the call on (the media was not in the capture).');
  assert.equal(build(486, 'Busy Here').reason, 'Charlie was busy (486).');
});

test('the second Contact of a redirection is tried when the first has failed', () => {
  const script = new CallScript();
  const dialog = script.dialog('alice', 'bob', 'd1');
  const invite = dialog.request('alice', 'INVITE', { sdp: 'sendrecv' });
  dialog.respond(invite, 302, 'Moved Temporarily', {
    headers: [['Contact', '<sip:nobody@127.0.0.13>, <sip:charlie@127.0.0.13>']],
  });
  dialog.respond(dialog.request('alice', 'INVITE', { uri: 'sip:nobody@127.0.0.13' }), 404, 'Not Found');
  assert.equal(theTransfer(script.live()).verdict, 'pending');
  dialog.respond(dialog.request('alice', 'INVITE', { uri: 'sip:charlie@127.0.0.13' }), 200, 'OK');
  const model = script.captured();
  assert.deepEqual(
    model.calls.map(({ redirectedFrom }) => redirectedFrom?.id),
    [undefined, 'c1', 'c1'],
  );
  assert.equal(theTransfer(model).verdict, 'success');
});

test('a target that sends the call on is followed', () => {
  const script = new CallScript();
  const first = heldCall(script);
  referToTarget(first);
  const second = script.dialog('alice', 'charlie', 'd2');
  const invite = second.request('alice', 'INVITE', { sdp: 'sendrecv' });
  second.respond(invite, 302, 'Moved Temporarily', { headers: [['Contact', '<sip:dora@127.0.0.13>']] });
  second.follow(invite, 'ACK', false);
  const again = second.request('alice', 'INVITE', { sdp: 'sendrecv', uri: 'sip:dora@127.0.0.13' });
  second.respond(again, 200, 'OK', { sdp: 'sendrecv' });
  notify(first, 'alice', '200 OK', ended);
  simple(first, 'bob', 'BYE');
  const model = script.captured();
  assert.deepEqual(
    model.transfers.map(({ kind, verdict }) => [kind, verdict]),
    [
      ['blind', 'success'],
      ['redirect', 'success'],
    ],
  );
  assert.deepEqual(model.transfers.map(roles), [
    ['bob', 'alice', 'dora'],
    ['charlie', 'alice', 'dora'],
  ]);
});

test('a redirection that nobody follows', () => {
  const script = new CallScript();
  const dialog = script.dialog('alice', 'bob', 'd1');
  const invite = dialog.request('alice', 'INVITE', { sdp: 'sendrecv' });
  dialog.respond(invite, 302, 'Moved Temporarily', { headers: [['Contact', '<sip:charlie@127.0.0.13>']] });
  assert.equal(theTransfer(script.live()).reason, 'Bob sends Alice on to Charlie.');
  assert.equal(theTransfer(script.captured()).reason, 'Alice did not follow the redirection to Charlie.');
});

test('a pick-up: who lost the call, who was kept, who took it', () => {
  const build = (answer: string): Transfer => {
    const script = new CallScript();
    const ringing = script.dialog('alice', 'bob', 'd1');
    const invite = ringing.request('alice', 'INVITE', { sdp: 'sendrecv' });
    ringing.respond(invite, 180, 'Ringing');
    const picked = script.dialog('charlie', 'alice', 'd2');
    const replaces = `${ringing.replaces('alice')};early-only`;
    simple(picked, 'charlie', 'INVITE', { sdp: 'sendrecv', headers: [['Replaces', replaces]], answer });
    return theTransfer(script.captured());
  };
  const good = build('200 OK');
  assert.equal(good.kind, 'pick-up');
  assert.deepEqual(roles(good), ['bob', 'alice', 'charlie']);
  assert.equal(good.verdict, 'success');
  assert.equal(
    build('486 Busy Here').reason,
    'The call had already been answered (486), and Bob is still being called.',
  );
});

test('entry by entry it comes to the same as the whole at once', () => {
  for (const script of [blindTransfer(), attendedTransfer(), failedBlindTransfer(486, 'Busy Here')]) {
    const whole = script.captured();
    const live = script.live();
    live.finish();
    const summary = ({ transfers }: TraceModel): unknown =>
      transfers.map(({ kind, verdict, reason, messages, decidedBy }) => ({
        kind,
        verdict,
        // A lab could have measured its media, a capture could have held them.
        reason: reason.replace(/ \(the media was not [^)]*\)/, ''),
        messages,
        decidedBy,
      }));
    assert.deepEqual(summary(live), summary(whole));
  }
});

function modelOf(packets: CallScript['packets']): TraceModel {
  const script = new CallScript();
  script.packets.push(...packets);
  return script.captured();
}
