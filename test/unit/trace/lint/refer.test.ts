import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answeredCall, CallScript, ended, escapeReplaces, notify, reinvite, simple } from '../call-script';
import { attendedTransfer, blindTransfer, failedBlindTransfer, heldCall, referToTarget } from '../transfers';
import { findings, findingsAfter } from './finds';

const referredBy = ['Referred-By', '<sip:bob@127.0.0.12>'] as const;

/** Alice calls Bob, who sends a REFER with these headers and gets this answer. */
function refer(headers: readonly (readonly [string, string])[], answer = '202 Accepted'): CallScript {
  const script = new CallScript();
  const first = heldCall(script);
  simple(first, 'bob', 'REFER', { headers, answer });
  return script;
}

describe('what is right', () => {
  for (const [name, script] of [
    ['a blind transfer', blindTransfer()],
    ['an attended transfer', attendedTransfer()],
    ['a transfer to somebody busy, with the call resumed', failedBlindTransfer(486, 'Busy Here')],
  ] as const) {
    it(`finds nothing in ${name}, live or captured, however long it waits`, () => {
      assert.deepEqual(findings(script.captured()), []);
      assert.deepEqual(findingsAfter(script, 60_000), []);
    });
  }
});

describe('T1', () => {
  it('is a REFER before the answer to the hold', () => {
    const script = new CallScript();
    const first = answeredCall(script, 'alice', 'bob', 'd1');
    first.request('bob', 'INVITE', { sdp: 'sendonly' });
    simple(first, 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy], answer: '491 Request Pending' });
    const expected = ['T1: Bob transfers Alice before the hold was answered. | REFER sip:alice@127.0.0.11 SIP/2.0'];
    assert.deepEqual(findings(script.captured()), expected);
    assert.deepEqual(findings(script.live()), expected);
  });

  it("is none when the open re-INVITE is the other party's", () => {
    const script = new CallScript();
    const first = answeredCall(script, 'alice', 'bob', 'd1');
    first.request('alice', 'INVITE', { sdp: 'sendonly' });
    simple(first, 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy] });
    assert.deepEqual(findings(script.captured()), []);
  });
});

describe('T2', () => {
  const cases = [
    ['sip:charlie@127.0.0.13;transport=tcp', 'without angle brackets, so that its parameters are not those of the URI'],
    ['sip:charlie@127.0.0.13?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc', 'without angle brackets, though its URI has headers'],
    ['<sip:charlie@127.0.0.13?Replaces=a;to-tag=b;from-tag=c>', 'whose headers are not escaped'],
    ['<sip:charlie@>', 'that names no host'],
    ['<sip:>', 'that names no host'],
  ] as const;
  for (const [value, fault] of cases) {
    it(`is a Refer-To ${fault}: ${value}`, () => {
      assert.deepEqual(findings(refer([['Refer-To', value], referredBy], '400 Bad Request').captured()), [
        `T2: ${value === '<sip:charlie@>' || value === '<sip:>' ? 'The sender' : 'Bob'} writes a Refer-To ${fault}. | ${value}`,
      ]);
    });
  }

  it('says that Referred-By is missing, too, but not when that is all', () => {
    assert.deepEqual(findings(refer([['Refer-To', 'sip:c@127.0.0.13;user=phone']]).captured()), [
      'T2: Bob writes a Refer-To without angle brackets, so that its parameters are not those of the URI, and there is no Referred-By. | sip:c@127.0.0.13;user=phone',
    ]);
    for (const good of ['sip:charlie@127.0.0.13', '<sip:charlie@127.0.0.13;user=phone>', '<tel:+49301234;phone-context=x>']) {
      assert.deepEqual(findings(refer([['Refer-To', good]]).captured()), []);
    }
  });
});

describe('T3', () => {
  it('is a Replaces that names the dialog of its REFER', () => {
    const script = new CallScript();
    const first = heldCall(script);
    const own = escapeReplaces(first.replaces('alice'));
    simple(first, 'bob', 'REFER', { headers: [['Refer-To', `<sip:charlie@127.0.0.13?Replaces=${own}>`], referredBy] });
    assert.deepEqual(findings(script.captured()), [
      `T3: Bob asks to replace the very call that is being transferred. | Replaces=${own}`,
    ]);
  });
});

describe('T9', () => {
  it('is a challenge after which no REFER comes', () => {
    const script = refer([['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy], '401 Unauthorized');
    assert.deepEqual(findingsAfter(script, 2_000), []);
    assert.deepEqual(findingsAfter(script, 3_000), [
      'T9: Bob was asked for a password (401) and never sent the REFER again. | SIP/2.0 401 Unauthorized',
    ]);
  });

  it('is none when the REFER comes again', () => {
    const script = new CallScript();
    const first = heldCall(script);
    const headers = [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy] as const;
    simple(first, 'bob', 'REFER', { headers, answer: '407 Proxy Authentication Required' });
    simple(first, 'bob', 'REFER', { headers: [...headers, ['Proxy-Authorization', 'Digest x']], answer: '202 Accepted' });
    notify(first, 'alice', '100 Trying');
    assert.deepEqual(findingsAfter(script, 5_000), []);
  });
});

describe('T13', () => {
  it('is a REFER that sends somebody to themselves', () => {
    const script = refer([['Refer-To', '<sip:alice@127.0.0.11>'], referredBy]);
    assert.deepEqual(findings(script.captured()), ['T13: Bob transfers Alice to Alice: a circle. | <sip:alice@127.0.0.11>']);
  });

  for (const [status, reason] of [
    [482, 'Loop Detected'],
    [483, 'Too Many Hops'],
  ] as const) {
    it(`is a new call that was stopped with ${status}`, () => {
      const found = findings(failedBlindTransfer(status, reason).captured());
      assert.deepEqual(found, [`T13: The call went in a circle until it was stopped (${status}). | SIP/2.0 ${status} ${reason}`]);
    });
  }

  it('is a redirection to whoever has redirected the call before', () => {
    const script = new CallScript();
    const first = script.dialog('alice', 'bob', 'd1');
    const toBob = first.request('alice', 'INVITE', { sdp: 'sendrecv' });
    first.respond(toBob, 302, 'Moved Temporarily', { headers: [['Contact', '<sip:charlie@127.0.0.13>']] });
    first.follow(toBob, 'ACK', false);
    const second = script.dialog('alice', 'charlie', 'd1');
    second.request('alice', 'OPTIONS');
    const toCharlie = second.request('alice', 'INVITE', { sdp: 'sendrecv' });
    assert.deepEqual(findings(script.captured()), []);
    second.respond(toCharlie, 302, 'Moved Temporarily', { headers: [['Contact', '<sip:bob@127.0.0.12>']] });
    assert.deepEqual(findings(script.captured()), [
      'T13: Charlie sends the call back to where it came from: a circle. | <sip:bob@127.0.0.12>',
    ]);
  });
});

describe('T14', () => {
  it('is a REFER refused for nothing but Refer-Sub: false, or a missing Referred-By', () => {
    const withoutNews = [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy, ['Refer-Sub', 'false']] as const;
    assert.deepEqual(findings(refer(withoutNews, '500 Server Internal Error').captured()), [
      'T14: Alice cannot cope with a REFER with Refer-Sub: false (500), which is legal. | SIP/2.0 500 Server Internal Error',
    ]);
    assert.deepEqual(findings(refer([['Refer-To', '<sip:charlie@127.0.0.13>']], '400 Bad Request').captured()), [
      'T14: Alice cannot cope with a REFER without Referred-By (400), which is legal. | SIP/2.0 400 Bad Request',
    ]);
  });

  it('is none when the refusal has another reason', () => {
    for (const answer of ['501 Not Implemented', '603 Decline', '403 Forbidden', '202 Accepted']) {
      assert.deepEqual(findings(refer([['Refer-To', '<sip:charlie@127.0.0.13>']], answer).captured()), []);
    }
    assert.deepEqual(findings(refer([['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy], '500 Oops').captured()), []);
  });

  it('is news sent after agreeing to send none', () => {
    const script = new CallScript();
    const first = heldCall(script);
    const asked = first.request('bob', 'REFER', {
      headers: [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy, ['Refer-Sub', 'false']],
    });
    first.respond(asked, 202, 'Accepted', { headers: [['Refer-Sub', 'false']] });
    assert.deepEqual(findingsAfter(script, 60_000), []);
    notify(first, 'alice', '100 Trying');
    assert.deepEqual(findings(script.captured()), [
      'T14: Alice sends news of the transfer after agreeing to send none (Refer-Sub: false). | refer',
    ]);
  });
});

describe('T17 and T18', () => {
  const headers = [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy] as const;

  it("is T17 when a stranger's REFER is accepted", () => {
    const script = new CallScript();
    simple(script.dialog('bob', 'alice', 'x1'), 'bob', 'REFER', { headers, answer: '202 Accepted' });
    assert.deepEqual(findings(script.captured()), [
      'T17: Alice agrees to call Charlie because Bob says so, without a call between them. | SIP/2.0 202 Accepted',
    ]);
  });

  it('is none when the sender names their call, or says who they are', () => {
    for (const more of [['Target-Dialog', 'd1;local-tag=a-d1;remote-tag=b-d1'], ['Authorization', 'Digest x']] as const) {
      const script = new CallScript();
      heldCall(script);
      simple(script.dialog('bob', 'alice', 'x1'), 'bob', 'REFER', { headers: [...headers, more], answer: '202 Accepted' });
      assert.deepEqual(findings(script.captured()), []);
    }
  });

  it('is T18 when it is refused, for there is nothing to transfer', () => {
    const script = new CallScript();
    simple(script.dialog('bob', 'alice', 'x1'), 'bob', 'REFER', { headers, answer: '403 Forbidden' });
    assert.deepEqual(findings(script.captured()), [
      'T18: The REFER is outside of any call, so that there is nobody to transfer. | <sip:alice@127.0.0.11>',
    ]);
  });

  it('is T18 when the call still rings', () => {
    const script = new CallScript();
    const first = script.dialog('alice', 'bob', 'd1');
    const invite = first.request('alice', 'INVITE', { sdp: 'sendrecv' });
    first.respond(invite, 180, 'Ringing');
    simple(first, 'bob', 'REFER', { headers: [...headers], answer: '481 Call/Transaction Does Not Exist' });
    // The script writes tags only into answered calls.
    const early = new CallScript();
    for (const { from, to, bytes } of script.packets) {
      const text = bytes.toString();
      early.send(from, to, text.includes('REFER') ? text.replace(/(To: <sip:alice[^>]*>)(?:;tag=\S+)?/, '$1;tag=a-d1') : text);
    }
    assert.deepEqual(findings(early.captured()), [
      'T18: Bob transfers Alice while their call is still ringing. | REFER sip:alice@127.0.0.11 SIP/2.0',
    ]);
  });
});

describe('T19', () => {
  it('is an accepted REFER, a new call, a BYE, and never a NOTIFY', () => {
    const script = refer([['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy]);
    assert.deepEqual(findings(script.live()), []);
    answeredCall(script, 'alice', 'charlie', 'd2', { headers: [referredBy] });
    assert.deepEqual(findingsAfter(script, 500), []);
    assert.deepEqual(findingsAfter(script, 1_500), [
      'T19: Alice accepts the transfer and never says how it goes: Bob cannot know. | SIP/2.0 202 Accepted',
    ]);
  });

  it('is an accepted REFER after which nothing comes at all, when timer N has run out', () => {
    const script = refer([['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy]);
    assert.deepEqual(findingsAfter(script, 31_000), []);
    assert.equal(findingsAfter(script, 33_000).length, 1);
  });

  it('is none when no news was wanted', () => {
    const script = new CallScript();
    const first = heldCall(script);
    const asked = first.request('bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy, ['Require', 'nosub']] });
    first.respond(asked, 200, 'OK');
    assert.deepEqual(findingsAfter(script, 60_000), []);
  });
});

describe('T12', () => {
  it('is a new call that does not say who transferred it, or names another', () => {
    for (const [headers, what] of [
      [[], 'does not say that Bob transferred the call. | INVITE sip:charlie@127.0.0.13 SIP/2.0'],
      [[['Referred-By', '<sip:zoe@127.0.0.12>']], 'names another referrer than Bob. | <sip:zoe@127.0.0.12>'],
    ] as const) {
      const script = new CallScript();
      const first = heldCall(script);
      referToTarget(first);
      answeredCall(script, 'alice', 'charlie', 'd2', { headers });
      notify(first, 'alice', '200 OK', ended);
      simple(first, 'bob', 'BYE');
      assert.deepEqual(findings(script.captured()), [`T12: Alice's INVITE to Charlie ${what}`]);
    }
  });

  it('is a REFER with the Referred-By of the transfer before', () => {
    const script = new CallScript();
    // Charlie got Alice from Bob, and gives her back to him.
    const second = answeredCall(script, 'alice', 'charlie', 'd2', { headers: [['Referred-By', '<sip:zoe@127.0.0.14>']] });
    reinvite(second, 'charlie', 'sendonly', 'recvonly');
    const referTo = ['Refer-To', '<sip:bob@127.0.0.12>'] as const;
    simple(second, 'charlie', 'REFER', { headers: [referTo, ['Referred-By', '<sip:zoe@127.0.0.14>']], answer: '202 Accepted' });
    notify(second, 'alice', '100 Trying');
    assert.deepEqual(findings(script.captured()), [
      'T12: Charlie still names the referrer of an earlier transfer. | <sip:zoe@127.0.0.14>',
    ]);
  });
});
