import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TraceModel } from '../../../src/trace';
import { answeredCall, CallScript, ended, escapeReplaces, notify, reinvite, type ScriptedDialog, simple } from './call-script';
import { attendedTransfer, heldCall, referToTarget } from './transfers';

const referredBy = ['Referred-By', '<sip:bob@127.0.0.12>'] as const;

/** Kind, roles, replaced calls, verdict and reason of the only transfer. */
function told(model: TraceModel): unknown[] {
  const [transfer, ...more] = model.transfers;
  assert(transfer !== undefined && more.length === 0);
  const { kind, transferor, transferee, target, replacedCalls, verdict, reason } = transfer;
  return [
    kind,
    [transferor, transferee, target].map(({ name }) => name).join(' '),
    replacedCalls.map(({ caller, callee }) => `${caller.name} ${callee.name}`).join(', '),
    verdict,
    reason,
  ];
}

/** Bob's call to Charlie, who rings. */
function ringing(script: CallScript): { readonly second: ScriptedDialog; readonly invite: ReturnType<ScriptedDialog['request']> } {
  const second = script.dialog('bob', 'charlie', 'd2');
  const invite = second.request('bob', 'INVITE', { sdp: 'sendrecv' });
  second.respond(invite, 180, 'Ringing');
  return { second, invite };
}

function referWithReplaces(first: ScriptedDialog, second: ScriptedDialog): void {
  const referTo = `<sip:charlie@127.0.0.13?Replaces=${escapeReplaces(second.replaces('charlie'))}>`;
  simple(first, 'bob', 'REFER', { headers: [['Refer-To', referTo], referredBy], answer: '202 Accepted' });
  notify(first, 'alice', '100 Trying');
}

const works = 'Alice talks to Charlie; Bob has left (the media was not in the capture).';

describe('a blonde transfer', () => {
  it('is one whose REFER follows at once upon the answer of the consultation', () => {
    const script = new CallScript();
    const first = heldCall(script);
    const { second, invite } = ringing(script);
    second.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
    referWithReplaces(first, second);
    second.follow(invite, 'ACK');
    answeredCall(script, 'alice', 'charlie', 'd3', { headers: [['Replaces', second.replaces('charlie')], referredBy] });
    simple(second, 'charlie', 'BYE');
    notify(first, 'alice', '200 OK', ended);
    simple(first, 'bob', 'BYE');
    assert.deepEqual(told(script.captured()), ['blonde', 'bob alice charlie', 'alice bob, bob charlie', 'success', works]);
  });

  it('is one whose consultation was given up while it rang, and then a blind one to the same target', () => {
    const script = new CallScript();
    const first = heldCall(script);
    const { second, invite } = ringing(script);
    second.respond(second.follow(invite, 'CANCEL'), 200, 'OK');
    second.respond(invite, 487, 'Request Terminated');
    second.follow(invite, 'ACK', false);
    referToTarget(first);
    answeredCall(script, 'alice', 'charlie', 'd3', { headers: [referredBy] });
    notify(first, 'alice', '200 OK', ended);
    simple(first, 'bob', 'BYE');
    assert.deepEqual(told(script.captured()), ['blonde', 'bob alice charlie', 'alice bob, bob charlie', 'success', works]);
  });

  it('is a blind one when the call to the target was given up long before', () => {
    const script = new CallScript();
    const first = heldCall(script);
    const { second, invite } = ringing(script);
    second.respond(second.follow(invite, 'CANCEL'), 200, 'OK');
    second.respond(invite, 487, 'Request Terminated');
    script.wait(5_000);
    referToTarget(first);
    assert.equal(script.captured().transfers[0]?.kind, 'blind');
  });

  it('in its naive form names a call that rings, which the target must not give away', () => {
    const script = new CallScript();
    const first = heldCall(script);
    const { second } = ringing(script);
    referWithReplaces(first, second);
    const third = script.dialog('alice', 'charlie', 'd3');
    const invite = third.request('alice', 'INVITE', { sdp: 'sendrecv', headers: [['Replaces', second.replaces('charlie')], referredBy] });
    third.respond(invite, 481, 'Call/Transaction Does Not Exist');
    third.follow(invite, 'ACK', false);
    notify(first, 'alice', '481 Call/Transaction Does Not Exist', ended);
    reinvite(first, 'bob', 'sendrecv', 'sendrecv');
    const model = script.captured();
    assert.deepEqual(told(model), [
      'blonde',
      'bob alice charlie',
      'alice bob, bob charlie',
      'failed',
      'Charlie knew no call to be replaced (481: the call to be replaced was still ringing at Charlie), and Alice and Bob are talking again.',
    ]);
    assert.deepEqual(model.lints, []);
  });

  it('is what the person asked for, whatever it looks like', () => {
    const script = attendedTransfer();
    assert.equal(script.live().transfers[0]?.kind, 'attended');
    const wished = new CallScript();
    wished.journal.append({ kind: 'verb', owner: 'bob', text: 'bob blonde-transfer alice to charlie', outcome: 'started', detail: '' });
    for (const { from, to, bytes } of script.packets) wished.send(from, to, bytes.toString());
    assert.equal(wished.live().transfers[0]?.kind, 'blonde');
  });
});
