import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type IaxCall, TakingOver } from '../../../../src/iax';
import { replay, type ReplayOptions } from '../../../support/iax-replay';

/*
 * Our endpoint in the place of each party of each capture of real peers, driven by the others. `- ` is what only the captured
 * party sent, `+ ` what only we did; each difference is listed here, with the rule that justifies it. A party's person or dialplan
 * decides what it decided in the capture; the rest is ours.
 */

/** Why we do otherwise, by the section of the IAX2 reference. */
const rules = {
  repeatedTxreq: '6.2: Asterisk 11 repeats TXREQ when a control frame restarts its bridge; once is enough',
  replacedAttempt: '6.2, 7.3: of an attempt that a newer TXREQ has replaced: the id of TXCNT must match; a path just tried is not tried again',
  readyAgain: '6.2: the newest TXREQ wins, and is answered with a TXREADY of its own',
  lateTxrej: '6.3: on failure back to None completely; Asterisk stays in Begin and says TXREJ five seconds later',
  rejectedAtOnce: '6.4: UNSUPPORT from an end is as good as TXREJ: the other end is told at once, and not after five seconds',
  notTold: '6.4: it has refused by itself (UNSUPPORT), and needs no TXREJ',
  order: '6.5: TXREJ goes on to the other end at once, before the voice that its application began meanwhile',
  unquelch: '6.6: UNQUELCH before TXREL: without it the two could not hear each other, as this capture shows',
  noLagrq: '3.3: PING alone finds a dead peer, LAGRQ is not needed',
  pingLater: '3.3: PING every 20 s; libiax2 begins after 2 s, the script when it likes',
  badNumber: '6.7: the number is checked first: both legs stay, and a TEXT says why; Asterisk hangs up on both',
  unknownCommand: '7.1: an unknown command is answered with UNSUPPORT',
  unknownCall: '7.1: a frame for an unknown call, or with a wrong number, is answered with INVAL, some times a second',
  unknownType: '7.1: a frame of an unknown type is acknowledged, and passed on to nobody',
  noForcedVoice: '6.3: full voice goes first after the switch; libiax2 sends one to the middle too',
  incompleteTxreq: '7.1: TXREQ without CALLNO or APPARENT ADDR: TXREJ',
  callZero: '7.1: NEW from call 0 is dropped; Asterisk answers to nobody',
  transferRefused: '6.7: TRANSFER with nobody behind the leg: UNSUPPORT',
  survivesTxrel: '7.1: TXREL out of state is passed over: the leg lives on, where Asterisk loses it',
  neverHeld: '5.2: UNHOLD is for whom HOLD was sent to; Asterisk passes on the end of a hold whose beginning it kept',
  wildcardSocket: 'that Asterisk hears every address of the machine, and answers for a host that is not there',
  wrongNumber: 'the script hangs up with a wrong number on purpose first; once is enough',
  scriptName: 'the script changes the name within one registration',
  refresh: '5.4: the shortest REFRESH is ours to choose',
} as const;

type Rule = keyof typeof rules;

interface Case extends ReplayOptions {
  readonly title: string;
  readonly differences: readonly (readonly [line: string, rule: Rule])[];
  /** Frames that are the same: a replay in which nothing happens proves nothing. */
  readonly alike: number;
}

/** Users of the captures whose name begins with `asterisk-`. */
const secrets = { alice: 'alicepw', charlie: 'charliepw', secretary: 'secretarypw', mallory: 'guess' };
const withoutTokens = { requiresToken: () => false };

/** What becomes of a TRANSFER, the dialplan of the captured server has decided. */
const itsDialplanDecides = (): void => undefined;

const cases: readonly Case[] = [
  {
    capture: 'native_full_asterisk11_middle',
    role: '127.0.0.1',
    title: 'an end of a full transfer, the middle sends TXREQ twice',
    alike: 6,
    differences: [
      ['- .3 TXACC', 'replacedAttempt'],
      ['- .3 TXACC', 'replacedAttempt'],
      ['+ .3 TXACC', 'replacedAttempt'],
    ],
  },
  {
    capture: 'native_full_asterisk11_middle',
    role: '127.0.0.2',
    title: 'the middle of a full transfer',
    alike: 12,
    differences: [
      ['- .1 TXREQ apparentAddress=127.0.0.3:4569 callNumber=14582', 'repeatedTxreq'],
      ['- .3 TXREQ apparentAddress=127.0.0.1:4569 callNumber=9499', 'repeatedTxreq'],
    ],
  },
  {
    capture: 'native_full_asterisk11_middle',
    role: '127.0.0.3',
    title: 'the other end',
    alike: 10,
    differences: [
      ['- .1 TXACC', 'replacedAttempt'],
    ],
  },
  {
    capture: 'native_txrej',
    role: '127.0.0.1',
    title: 'an end whose other end refuses',
    alike: 4,
    differences: [
      ['- .2 TXREJ', 'lateTxrej'],
    ],
  },
  {
    capture: 'native_txrej',
    role: '127.0.0.2',
    title: 'the middle, when one end refuses',
    alike: 11,
    differences: [
      ['- .1 VOICE PCMU', 'order'],
      ['+ .1 VOICE PCMU', 'order'],
    ],
  },
  {
    capture: 'native_unsupport',
    role: '127.0.0.1',
    title: 'an end whose other end knows no transfers',
    alike: 5,
    differences: [],
  },
  {
    capture: 'native_unsupport',
    role: '127.0.0.2',
    title: 'the middle, when one end knows no transfers',
    alike: 11,
    differences: [
      ['+ .1 TXREJ', 'rejectedAtOnce'],
      ['- .6 TXREJ', 'notTold'],
    ],
  },
  {
    capture: 'attended_client_two_hosts',
    role: '127.0.0.1',
    title: 'the customer',
    alike: 6,
    differences: [],
  },
  {
    capture: 'attended_client_two_hosts',
    role: '127.0.0.3',
    title: 'the boss',
    alike: 10,
    differences: [],
  },
  {
    capture: 'attended_client_two_hosts',
    role: '127.0.0.5',
    title: 'the secretary',
    endpoint: withoutTokens,
    alike: 13,
    differences: [
      ['- .1 PING', 'pingLater'],
      ['- .3 PING', 'pingLater'],
    ],
  },
  {
    capture: 'attended_no_unquelch_no_audio',
    role: '127.0.0.1',
    title: 'the customer, who stays quelched',
    alike: 5,
    differences: [],
  },
  {
    capture: 'attended_no_unquelch_no_audio',
    role: '127.0.0.3',
    title: 'the boss',
    alike: 9,
    differences: [],
  },
  {
    capture: 'attended_no_unquelch_no_audio',
    role: '127.0.0.5',
    title: 'the secretary',
    endpoint: withoutTokens,
    alike: 12,
    differences: [
      ['+ .1 UNQUELCH', 'unquelch'],
      ['- .1 PING', 'pingLater'],
      ['- .3 PING', 'pingLater'],
    ],
  },
  {
    capture: 'blind_transfer_ok',
    role: '127.0.0.1',
    title: 'the customer of a blind transfer',
    alike: 5,
    differences: [
      ['- .2 LAGRQ', 'noLagrq'],
    ],
  },
  {
    capture: 'blind_transfer_ok',
    role: '127.0.0.2',
    title: 'the server that is asked for it',
    onTransfer: itsDialplanDecides,
    alike: 12,
    differences: [
      ['- .1 LAGRQ', 'noLagrq'],
    ],
  },
  {
    capture: 'blind_transfer_ok',
    role: '127.0.0.6',
    title: 'who asks for it',
    endpoint: withoutTokens,
    alike: 5,
    differences: [],
  },
  {
    capture: 'blind_transfer_bad_number',
    role: '127.0.0.1',
    title: 'the customer',
    alike: 3,
    differences: [],
  },
  {
    capture: 'blind_transfer_bad_number',
    role: '127.0.0.6',
    title: 'who asks for it',
    endpoint: withoutTokens,
    alike: 5,
    differences: [],
  },
  {
    capture: 'libiax2_iaxmodem_end',
    role: '127.0.0.1:4570',
    title: 'an end as libiax2',
    endpoint: withoutTokens,
    alike: 13,
    differences: [
      ['- .1 PING', 'pingLater'],
      ['+ .1 UNSUPPORT iaxUnknown=44', 'unknownCommand'],
      ['- .1 VOICE PCMU', 'noForcedVoice'],
      ['+ .1 INVAL', 'unknownCall'],
      ['- .9 PING', 'pingLater'],
    ],
  },
  {
    capture: 'call_md5_features',
    role: '127.0.0.1',
    title: 'a server: hold, keys, text, unknown frames',
    secrets: { alice: 's3cret' },
    alike: 16,
    differences: [
      ['- .5 type 14', 'unknownType'],
      ['- .5 LAGRQ', 'noLagrq'],
      ['+ .5 INVAL', 'unknownCall'],
    ],
  },
  {
    capture: 'call_md5_features',
    role: '127.0.0.5',
    title: 'a client',
    secrets: { alice: 's3cret' }, leaveOut: ['IAX 44', 'PAGE', 'MWI', 'type 14', 'VNAK', 'PING', 'LAGRQ'],
    alike: 17,
    differences: [
      ['- .1 HANGUP causeCode=16', 'wrongNumber'],
    ],
  },
  {
    capture: 'malformed_replies',
    role: '127.0.0.1',
    title: 'a server and a hostile client',
    secrets: { alice: 's3cret' },
    alike: 38,
    differences: [
      ['- .5 CALLTOKEN', 'callZero'],
      ['+ .5 INVAL', 'unknownCall'],
      ['+ .5 INVAL', 'unknownCall'],
      ['+ .5 INVAL', 'unknownCall'],
      ['+ .5 INVAL', 'unknownCall'],
      ['+ .5 TXREJ', 'incompleteTxreq'],
      ['+ .5 TXREJ', 'incompleteTxreq'],
      ['- .5 LAGRQ', 'noLagrq'],
      ['+ .5 INVAL', 'unknownCall'],
      ['+ .5 PONG', 'survivesTxrel'],
      ['+ .5 UNSUPPORT iaxUnknown=34', 'transferRefused'],
    ],
  },
  {
    capture: 'register_md5',
    role: '127.0.0.1',
    title: 'a registrar',
    secrets: { alice: 's3cret' },
    alike: 14,
    differences: [],
  },
  {
    capture: 'register_md5',
    role: '127.0.0.5',
    title: 'a registrant',
    secrets: { alice: 's3cret' },
    alike: 13,
    differences: [
      ['- .1 REGREQ username=alice refresh=60', 'scriptName'],
      ['+ .1 REGREQ username=nobody refresh=60', 'scriptName'],
    ],
  },
  {
    capture: 'asterisk-native-transfer',
    role: '127.0.0.1',
    title: 'the middle',
    secrets,
    alike: 14,
    differences: [
      ['- .2 TXREQ apparentAddress=127.0.0.3:4569 callNumber=3210', 'repeatedTxreq'],
      ['- .3 TXREQ apparentAddress=127.0.0.2:4569 callNumber=2294', 'repeatedTxreq'],
    ],
  },
  {
    capture: 'asterisk-native-transfer',
    role: '127.0.0.2',
    title: 'an end',
    secrets,
    alike: 10,
    differences: [],
  },
  {
    capture: 'asterisk-native-transfer',
    role: '127.0.0.3',
    title: 'an end',
    secrets,
    alike: 11,
    differences: [
      ['- .2 TXCNT', 'replacedAttempt'],
      ['+ .2 TXACC', 'replacedAttempt'],
    ],
  },
  {
    capture: 'asterisk-secretary-transfer',
    role: '127.0.0.1',
    title: 'the server with both ends, three TXREQs for each',
    secrets,
    alike: 38,
    differences: [
      ['+ .4 TXREADY own number', 'readyAgain'],
      ['+ .4 TXREADY own number', 'readyAgain'],
      ['+ .4 TXREADY own number', 'readyAgain'],
      ['+ .4 TXREADY own number', 'readyAgain'],
      ['- .2 LAGRQ', 'noLagrq'],
      ['- .1 TXCNT', 'replacedAttempt'],
      ['- .1 TXCNT', 'replacedAttempt'],
      ['- .1 TXCNT', 'replacedAttempt'],
      ['- .1 TXACC', 'replacedAttempt'],
      ['- .1 TXACC', 'replacedAttempt'],
      ['- .1 TXCNT', 'replacedAttempt'],
      ['- .1 TXACC', 'replacedAttempt'],
      ['- .1 TXACC', 'replacedAttempt'],
    ],
  },
  {
    capture: 'asterisk-secretary-transfer',
    role: '127.0.0.2',
    title: 'the customer behind it',
    secrets,
    alike: 6,
    differences: [
      ['- .1 LAGRQ', 'noLagrq'],
    ],
  },
  {
    capture: 'asterisk-secretary-transfer',
    role: '127.0.0.3',
    title: 'the boss behind it',
    secrets,
    alike: 7,
    differences: [],
  },
  {
    capture: 'asterisk-secretary-transfer',
    role: '127.0.0.4',
    title: 'the secretary',
    secrets,
    alike: 18,
    differences: [
      ['- .1 TXREQ apparentAddress=127.0.0.1:4569 callNumber=12401', 'repeatedTxreq'],
      ['- .1 TXREQ apparentAddress=127.0.0.1:4569 callNumber=349', 'repeatedTxreq'],
      ['- .1 TXREQ apparentAddress=127.0.0.1:4569 callNumber=12401', 'repeatedTxreq'],
      ['- .1 TXREQ apparentAddress=127.0.0.1:4569 callNumber=349', 'repeatedTxreq'],
    ],
  },
  {
    capture: 'asterisk-blind-transfer',
    role: '127.0.0.1',
    title: 'the server that is asked for a blind transfer',
    secrets, onTransfer: itsDialplanDecides,
    alike: 20,
    differences: [],
  },
  {
    capture: 'asterisk-blind-transfer',
    role: '127.0.0.2',
    title: 'the one who is transferred',
    secrets,
    alike: 7,
    differences: [],
  },
  {
    capture: 'asterisk-blind-transfer',
    role: '127.0.0.3',
    title: 'who asks for it',
    secrets,
    alike: 14,
    differences: [],
  },
  {
    capture: 'asterisk-no-transfer',
    role: '127.0.0.1',
    title: 'a server that relays',
    secrets,
    alike: 13,
    differences: [],
  },
  {
    capture: 'asterisk-no-transfer',
    role: '127.0.0.2',
    title: 'one who calls through it',
    secrets,
    alike: 5,
    differences: [],
  },
  {
    capture: 'asterisk-no-transfer',
    role: '127.0.0.3',
    title: 'one who calls through it',
    secrets,
    alike: 7,
    differences: [],
  },
  {
    capture: 'asterisk-dead-peer',
    role: '127.0.0.2',
    title: 'a caller whom nobody answers',
    secrets,
    alike: 2,
    differences: [],
  },
  {
    capture: 'asterisk-register',
    role: '127.0.0.1',
    title: 'a registrar',
    secrets,
    alike: 8,
    differences: [
      ['- .2 REGACK username=alice refresh=20 apparentAddress=127.0.0.2:4569', 'refresh'],
      ['+ .2 REGACK username=alice refresh=60 apparentAddress=127.0.0.2:4569', 'refresh'],
    ],
  },
  {
    capture: 'asterisk-register',
    role: '127.0.0.2',
    title: 'a registrant',
    secrets,
    alike: 6,
    differences: [],
  },
  {
    capture: 'asterisk-register',
    role: '127.0.0.3',
    title: 'a registrant',
    secrets,
    alike: 3,
    differences: [],
  },
  {
    capture: 'asterisk-reject',
    role: '127.0.0.1',
    title: 'a server that refuses',
    secrets,
    alike: 21,
    differences: [
      ['- .1 CALLTOKEN', 'wildcardSocket'],
      ['- .1 CALLTOKEN', 'wildcardSocket'],
    ],
  },
  {
    capture: 'asterisk-reject',
    role: '127.0.0.2',
    title: 'a caller who is refused',
    secrets,
    alike: 19,
    differences: [],
  },
  {
    capture: 'asterisk-quelch',
    role: '127.0.0.1',
    title: 'a server between the two',
    secrets,
    alike: 14,
    differences: [
      ['- .3 CONTROL UNHOLD', 'neverHeld'],
    ],
  },
  {
    capture: 'asterisk-quelch',
    role: '127.0.0.3',
    title: 'who is held',
    secrets,
    alike: 7,
    differences: [],
  },
  {
    capture: 'asterisk-quelch',
    role: '127.0.0.5',
    title: 'who holds',
    secrets,
    alike: 9,
    differences: [],
  },
  {
    capture: 'asterisk-hold',
    role: '127.0.0.1',
    title: 'a server between the two',
    secrets,
    alike: 11,
    differences: [],
  },
  {
    capture: 'asterisk-hold',
    role: '127.0.0.2',
    title: 'who holds',
    secrets,
    alike: 6,
    differences: [],
  },
  {
    capture: 'asterisk-hold',
    role: '127.0.0.3',
    title: 'who is held',
    secrets,
    alike: 5,
    differences: [],
  },
];

suite('our endpoint in the place of a captured peer', () => {
  for (const { title, differences, alike, ...options } of cases) {
    test(`${options.capture}, ${options.role}: ${title}`, () => {
      const result = replay(options);
      assert.deepEqual(result.differences, differences.map(([line]) => line));
      assert.equal(result.alike, alike);
      assert.equal(result.timersLeft, 0);
      for (const [, rule] of differences) assert.ok(rules[rule].length > 0);
    });
  }

  test('blind_transfer_bad_number, 127.0.0.2: the server that is asked for a number that does not exist', () => {
    let taking: TakingOver | undefined;
    const observer = { stateChanged: () => undefined, timer: () => undefined };
    const result = replay({
      capture: 'blind_transfer_bad_number',
      role: '127.0.0.2',
      // Here the dialplan of the captured server hung up on both: not so ours.
      leaveOut: ['HANGUP'],
      onTransfer: (call, number, calls) => {
        taking = new TakingOver({ observer }, { transferor: call, far: calls.find((other) => other !== call), relay: undefined, number, dial: undefined });
        taking.start();
      },
      inspect: (_, calls) => {
        assert.deepEqual(calls.map(({ state }: IaxCall) => state), ['up', 'up']);
      },
    });
    assert.equal(taking?.state, 'refused');
    assert.deepEqual(result.differences, ['+ .6 TEXT'], rules.badNumber);
    assert.equal(result.timersLeft, 0);
  });
});
