import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answeredCall, CallScript, ended, notify, type ScriptedDialog, simple } from '../call-script';
import { failedBlindTransfer, heldCall } from '../transfers';
import { findings, findingsAfter } from './finds';

const referredBy = ['Referred-By', '<sip:bob@127.0.0.12>'] as const;

interface Stage {
  readonly script: CallScript;
  readonly first: ScriptedDialog;
}

/** Bob transfers Alice and hangs up as soon as she agrees. */
function leftAtOnce(): Stage {
  const script = new CallScript();
  const first = heldCall(script);
  simple(first, 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy], answer: '202 Accepted' });
  simple(first, 'bob', 'BYE');
  return { script, first };
}

function ring(script: CallScript): { readonly second: ScriptedDialog; readonly invite: ReturnType<ScriptedDialog['request']> } {
  const second = script.dialog('alice', 'charlie', 'd2');
  const invite = second.request('alice', 'INVITE', { sdp: 'sendrecv', headers: [referredBy] });
  second.respond(invite, 180, 'Ringing');
  return { second, invite };
}

function giveUp({ second, invite }: ReturnType<typeof ring>): void {
  second.respond(second.follow(invite, 'CANCEL'), 200, 'OK');
  second.respond(invite, 487, 'Request Terminated');
  second.follow(invite, 'ACK', false);
}

describe('T5', () => {
  it('is a new call given up because a NOTIFY was refused', () => {
    const { script, first } = leftAtOnce();
    const call = ring(script);
    notify(first, 'alice', '180 Ringing', 'active;expires=60', '481 Call/Transaction Does Not Exist');
    assert.deepEqual(findings(script.captured()), []);
    giveUp(call);
    assert.deepEqual(findings(script.captured()), [
      'T5: Alice gives up calling Charlie because Bob refused a NOTIFY (481). | CANCEL sip:charlie@127.0.0.13 SIP/2.0',
    ]);
  });

  it('is none when the new call goes on', () => {
    const { script, first } = leftAtOnce();
    const { second, invite } = ring(script);
    notify(first, 'alice', '180 Ringing', 'active;expires=60', '481 Call/Transaction Does Not Exist');
    second.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
    second.follow(invite, 'ACK');
    assert.deepEqual(findingsAfter(script, 60_000), []);
  });
});

describe('T6', () => {
  it('is a new call given up because the one who transfers has left', () => {
    const script = new CallScript();
    const first = heldCall(script);
    simple(first, 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy], answer: '202 Accepted' });
    notify(first, 'alice', '100 Trying');
    const call = ring(script);
    simple(first, 'bob', 'BYE');
    giveUp(call);
    assert.deepEqual(findings(script.captured()), [
      'T6: Alice gives up calling Charlie because Bob has hung up. | CANCEL sip:charlie@127.0.0.13 SIP/2.0',
    ]);
  });

  it('is none when the ring limit ends it much later', () => {
    const { script, first } = leftAtOnce();
    notify(first, 'alice', '100 Trying');
    const call = ring(script);
    script.wait(5_000);
    giveUp(call);
    assert.deepEqual(
      findings(script.captured()).map((text) => text.slice(0, 2)),
      ['T8'],
    );
  });
});

describe('T7', () => {
  it('is the last NOTIFY refused because the call is over', () => {
    const { script, first } = leftAtOnce();
    notify(first, 'alice', '100 Trying');
    answeredCall(script, 'alice', 'charlie', 'd2', { headers: [referredBy] });
    notify(first, 'alice', '200 OK', ended, '481 Call/Transaction Does Not Exist');
    assert.deepEqual(findings(script.captured()), [
      'T7: Bob refuses the last news of the transfer because the call with Alice is over, and never learns how it went. | SIP/2.0 481 Call/Transaction Does Not Exist',
    ]);
  });
});

describe('T8', () => {
  it('is hanging up before the outcome, when the outcome is a failure', () => {
    const { script, first } = leftAtOnce();
    notify(first, 'alice', '100 Trying');
    const { second, invite } = ring(script);
    assert.deepEqual(findings(script.captured()), []);
    second.respond(invite, 486, 'Busy Here');
    assert.deepEqual(findings(script.captured()), [
      'T8: Bob hung up before knowing whether the transfer works; it did not, and Alice is left alone. | BYE sip:alice@127.0.0.11 SIP/2.0',
    ]);
  });

  it('is hanging up on hearing of a failure, unless a person did', () => {
    const script = failedBlindTransfer(486, 'Busy Here', false);
    const first = script.dialog('alice', 'bob', 'd1');
    const bye = (target: CallScript): void => {
      const text = `BYE sip:alice@127.0.0.11 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.12:5060;branch=z9hG4bKbye\r\nFrom: <sip:bob@127.0.0.12>;tag=${first.tag('bob')}\r\nTo: <sip:alice@127.0.0.11>;tag=${first.tag('alice')}\r\nCall-ID: d1\r\nCSeq: 9 BYE\r\nContent-Length: 0\r\n\r\n`;
      target.send('bob', 'alice', text);
    };
    bye(script);
    assert.deepEqual(findings(script.live()), [
      "T8: Bob's phone hangs up on Alice although the transfer has failed (486). | BYE sip:alice@127.0.0.11 SIP/2.0",
    ]);
    const asked = failedBlindTransfer(486, 'Busy Here', false);
    asked.journal.append({ kind: 'verb', owner: 'bob', text: 'bob hangup', outcome: 'started', detail: '' });
    bye(asked);
    assert.deepEqual(findings(asked.live()), []);
  });

  it('is never hanging up, though the transfer worked', () => {
    const script = new CallScript();
    const first = heldCall(script);
    simple(first, 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy], answer: '202 Accepted' });
    answeredCall(script, 'alice', 'charlie', 'd2', { headers: [referredBy] });
    notify(first, 'alice', '200 OK', ended);
    assert.deepEqual(findingsAfter(script, 9_000), []);
    assert.match(findingsAfter(script, 11_000).join(), /^T8: Bob never hung up, although Alice reported that the transfer has worked\. \| NOTIFY /);
  });
});
