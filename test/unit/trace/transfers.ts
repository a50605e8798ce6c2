import {
  answeredCall,
  CallScript,
  ended,
  escapeReplaces,
  notify,
  reinvite,
  type ScriptedDialog,
  simple,
} from './call-script';

const referredBy = ['Referred-By', '<sip:bob@127.0.0.12>'] as const;
const referToCharlie = ['Refer-To', '<sip:charlie@127.0.0.13>'] as const;

/** Alice calls Bob, Bob holds her. */
export function heldCall(script: CallScript): ScriptedDialog {
  const first = answeredCall(script, 'alice', 'bob', 'd1');
  reinvite(first, 'bob', 'sendonly', 'recvonly');
  return first;
}

/** Bob refers Alice to Charlie, and she accepts and says that she tries. */
export function referToTarget(first: ScriptedDialog): void {
  simple(first, 'bob', 'REFER', { headers: [referToCharlie, referredBy], answer: '202 Accepted' });
  notify(first, 'alice', '100 Trying');
}

/**
 * The blind transfer of the reference: Bob transfers Alice to Charlie. `prepare` comes first, such as what was heard
 * before.
 */
export function blindTransfer(prepare: (script: CallScript) => void = () => {}): CallScript {
  const script = new CallScript();
  prepare(script);
  const first = heldCall(script);
  referToTarget(first);
  answeredCall(script, 'alice', 'charlie', 'd2', { headers: [referredBy] });
  notify(first, 'alice', '200 OK', ended);
  simple(first, 'bob', 'BYE');
  return script;
}

/** The target answers with `status`; Bob takes Alice back, unless told otherwise. */
export function failedBlindTransfer(status: number, reason: string, resume = true): CallScript {
  const script = new CallScript();
  const first = heldCall(script);
  referToTarget(first);
  const second = script.dialog('alice', 'charlie', 'd2');
  const invite = second.request('alice', 'INVITE', { sdp: 'sendrecv', headers: [referredBy] });
  second.respond(invite, status, reason);
  second.follow(invite, 'ACK', false);
  notify(first, 'alice', `${status} ${reason}`, ended);
  if (resume) reinvite(first, 'bob', 'sendrecv', 'sendrecv');
  return script;
}

/** The attended transfer of the reference: Bob has talked to Charlie before he transfers Alice to him. */
export function attendedTransfer(
  replacesOf: (second: ScriptedDialog) => string = (second) => second.replaces('charlie'),
  refusal?: readonly [status: number, reason: string],
): CallScript {
  const script = new CallScript();
  const first = heldCall(script);
  const second = answeredCall(script, 'bob', 'charlie', 'd2');
  reinvite(second, 'bob', 'sendonly', 'recvonly');
  const referTo = `<sip:charlie@127.0.0.13?Replaces=${escapeReplaces(replacesOf(second))}>`;
  simple(first, 'bob', 'REFER', { headers: [['Refer-To', referTo], referredBy], answer: '202 Accepted' });
  notify(first, 'alice', '100 Trying');
  const third = script.dialog('alice', 'charlie', 'd3');
  const invite = third.request('alice', 'INVITE', {
    sdp: 'sendrecv',
    headers: [['Replaces', replacesOf(second)], referredBy],
  });
  if (refusal === undefined && replacesOf(second) === second.replaces('charlie')) {
    third.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
    third.follow(invite, 'ACK');
    simple(second, 'charlie', 'BYE');
    notify(first, 'alice', '200 OK', ended);
    simple(first, 'bob', 'BYE');
  } else {
    const [status, reason] = refusal ?? [481, 'Call/Transaction Does Not Exist'];
    third.respond(invite, status, reason);
    third.follow(invite, 'ACK', false);
    notify(first, 'alice', `${status} ${reason}`, ended);
    reinvite(first, 'bob', 'sendrecv', 'sendrecv');
  }
  return script;
}
