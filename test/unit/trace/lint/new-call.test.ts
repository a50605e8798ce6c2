import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answeredCall, CallScript, ended, escapeReplaces, notify, reinvite, type ScriptedDialog, simple } from '../call-script';
import { attendedTransfer, heldCall, referToTarget } from '../transfers';
import { findings, findingsAfter } from './finds';

const referredBy = ['Referred-By', '<sip:bob@127.0.0.12>'] as const;

function swapped(dialog: ScriptedDialog): string {
  return `${dialog.callId};to-tag=${dialog.tag('bob')};from-tag=${dialog.tag('charlie')}`;
}

describe('T4', () => {
  it('is a Replaces with its tags exchanged, and shows in the REFER', () => {
    const script = attendedTransfer(swapped);
    assert.deepEqual(findings(script.captured()), [
      `T4: The Replaces sent to Charlie has its tags exchanged: to-tag must be the tag of Charlie. | Replaces=${escapeReplaces('d2;to-tag=b-d2;from-tag=c-d2')}`,
    ]);
  });

  it('is a Replaces that lacks a tag', () => {
    const script = attendedTransfer(({ callId }) => `${callId};to-tag=c-d2`);
    assert.deepEqual(findings(script.captured()), ['T4: The Replaces sent to Charlie lacks its from-tag. | Replaces=d2%3Bto-tag%3Dc-d2']);
  });

  it('is a Replaces with the right Call-ID and other tags', () => {
    const script = attendedTransfer(({ callId }) => `${callId};to-tag=x;from-tag=y`);
    assert.match(findings(script.captured()).join(), /^T4: The Replaces sent to Charlie has the Call-ID of their call and other tags\./);
  });

  it('is none when the target simply forgot the call', () => {
    assert.deepEqual(findings(attendedTransfer(undefined, [481, 'Call/Transaction Does Not Exist']).captured()), []);
  });
});

describe('T15', () => {
  it('is a Replaces with the tags of the call and a Call-ID that the target has never seen', () => {
    const script = attendedTransfer(({ callId }) => `hidden-${callId};to-tag=c-d2;from-tag=b-d2`);
    assert.match(
      findings(script.captured()).join(),
      /^T15: The Replaces sent to Charlie has a Call-ID that Charlie has never seen: a server between has changed that of the call and not this one\. \| Replaces=hidden-d2/,
    );
  });
});

describe('T10', () => {
  it('is a good Replaces answered 400', () => {
    const script = attendedTransfer(undefined, [400, 'Bad Request']);
    assert.deepEqual(findings(script.captured()), [
      'T10: Charlie calls the INVITE malformed (400), although its Replaces is well formed. | SIP/2.0 400 Bad Request',
    ]);
  });

  it('is a Replaces taken for a new call: the old one stays', () => {
    const script = new CallScript();
    const second = answeredCall(script, 'bob', 'charlie', 'd2');
    const third = script.dialog('alice', 'charlie', 'd3');
    const invite = third.request('alice', 'INVITE', {
      sdp: 'sendrecv',
      headers: [['Replaces', second.replaces('charlie')], referredBy],
    });
    third.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
    third.follow(invite, 'ACK');
    assert.deepEqual(findingsAfter(script, 500), []);
    assert.deepEqual(findingsAfter(script, 1_500), [
      'T10: Charlie has two calls now: the new one has not replaced the old one. | SIP/2.0 200 OK',
    ]);
    simple(second, 'charlie', 'BYE');
    assert.deepEqual(findingsAfter(script, 1_500), []);
  });
});

describe('T11', () => {
  /** As an attended transfer, but Charlie's phone says this of itself. */
  function consulted(script: CallScript, supported: string): ScriptedDialog {
    const second = script.dialog('bob', 'charlie', 'd2');
    const invite = second.request('bob', 'INVITE', { sdp: 'sendrecv' });
    second.respond(invite, 200, 'OK', { sdp: 'sendrecv', headers: [['Supported', supported]] });
    second.follow(invite, 'ACK');
    reinvite(second, 'bob', 'sendonly', 'recvonly');
    return second;
  }

  it('is a promise that 420 breaks', () => {
    for (const [supported, broken] of [
      ['timer, replaces', true],
      ['timer', false],
    ] as const) {
      const script = new CallScript();
      const first = heldCall(script);
      const second = consulted(script, supported);
      const referTo = `<sip:charlie@127.0.0.13?Replaces=${escapeReplaces(second.replaces('charlie'))}>`;
      simple(first, 'bob', 'REFER', { headers: [['Refer-To', referTo], referredBy], answer: '202 Accepted' });
      notify(first, 'alice', '100 Trying');
      const third = script.dialog('alice', 'charlie', 'd3');
      const invite = third.request('alice', 'INVITE', { sdp: 'sendrecv', headers: [['Replaces', second.replaces('charlie')], referredBy] });
      third.respond(invite, 420, 'Bad Extension', { headers: [['Unsupported', 'replaces']] });
      const expected = ["T11: Charlie's phone promises that it can take over a call and then refuses to (420). | replaces"];
      assert.deepEqual(findings(script.captured()), broken ? expected : []);
    }
  });

  it('is a consultation that cannot be used because a phone does not promise it', () => {
    for (const [supported, isFound] of [
      ['timer', true],
      ['replaces', false],
    ] as const) {
      const script = new CallScript();
      const first = heldCall(script);
      consulted(script, supported);
      referToTarget(first);
      const found = findings(script.captured());
      assert.equal(found.length, isFound ? 1 : 0);
      if (isFound) assert.match(found[0] ?? '', /^T11: Bob has a call with Charlie and cannot use it/);
    }
  });
});

describe('T16', () => {
  for (const direction of ['inactive', 'sendonly', 'recvonly']) {
    it(`is a new call that is ${direction} from the start`, () => {
      const script = new CallScript();
      const first = heldCall(script);
      referToTarget(first);
      answeredCall(script, 'alice', 'charlie', 'd2', { headers: [referredBy], sdp: direction });
      notify(first, 'alice', '200 OK', ended);
      simple(first, 'bob', 'BYE');
      assert.deepEqual(findings(script.captured()), [
        `T16: Alice offers Charlie a call that is ${direction} from the start, as the held call was. | a=${direction}`,
      ]);
    });
  }
});

describe('T20', () => {
  it('is a new call in the name of the one who transfers', () => {
    const script = new CallScript();
    const first = heldCall(script);
    referToTarget(first);
    const packets = script.packets.length;
    answeredCall(script, 'alice', 'charlie', 'd2', { headers: [referredBy] });
    const copy = new CallScript();
    for (const [index, { from, to, bytes }] of script.packets.entries()) {
      const text = bytes.toString();
      copy.send(from, to, index < packets ? text : text.replace('From: <sip:alice@127.0.0.11>', 'From: <sip:bob@127.0.0.12>'));
    }
    assert.deepEqual(findings(copy.captured()), [
      "T20: Charlie's phone shows Bob, but it is Alice who calls. | <sip:bob@127.0.0.12>;tag=a-d2",
    ]);
  });
});
