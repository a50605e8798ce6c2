import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CallConditions, type CallEvent, type CallState, stepCall } from '../../../../src/iax/call/call-machine';

const states: readonly CallState[] = ['calling', 'authenticating', 'incoming', 'ringing', 'up', 'ended'];
const events: readonly CallEvent[] = [
  { is: 'authreq' },
  { is: 'authrep' },
  { is: 'accept' },
  { is: 'reject' },
  { is: 'hangup' },
  { is: 'answer' },
  { is: 'report', report: 'ringing' },
  { is: 'report', report: 'busy' },
  { is: 'we-accept' },
  { is: 'we-report', report: 'ringing' },
  { is: 'we-answer' },
  { is: 'we-end' },
];

const good: CallConditions = { direction: 'outgoing', isAccepted: false, canAuthenticate: true, isProven: true, hasCodec: true };

function step(state: CallState, event: CallEvent, conditions: Partial<CallConditions> = {}): string {
  const made = stepCall(state, event, { ...good, ...conditions });
  return made === undefined ? 'nothing' : [made.to, ...made.actions].join(' ');
}

describe('the table of a call', () => {
  it('gives each step a rule of the reference', () => {
    for (const state of states) {
      for (const event of events) {
        for (const direction of ['outgoing', 'incoming'] as const) {
          for (const flag of [true, false]) {
            const made = stepCall(state, event, { direction, isAccepted: flag, canAuthenticate: flag, isProven: flag, hasCodec: flag });
            assert.ok(made === undefined || /^IAX2 \d\.\d/u.test(made.rule));
          }
        }
      }
    }
  });

  it('leaves no end, and ends from everywhere', () => {
    for (const event of events) assert.equal(step('ended', event), 'nothing');
    for (const state of states.slice(0, -1)) {
      assert.equal(step(state, { is: 'hangup' }), 'ended read-cause');
      assert.equal(step(state, { is: 'reject' }), 'ended read-cause');
      assert.equal(step(state, { is: 'we-end' }), 'ended send-hangup');
    }
    assert.equal(step('incoming', { is: 'we-end' }, { direction: 'incoming' }), 'ended send-reject');
    assert.equal(step('ringing', { is: 'we-end' }, { direction: 'incoming', isAccepted: true }), 'ended send-hangup');
  });

  it('proves itself to a challenge, or ends rather than send a password', () => {
    assert.equal(step('calling', { is: 'authreq' }), 'calling send-authrep');
    assert.equal(step('calling', { is: 'authreq' }, { canAuthenticate: false }), 'ended refuse-challenge');
    assert.equal(step('calling', { is: 'authreq' }, { isAccepted: true }), 'nothing');
    assert.equal(step('up', { is: 'authreq' }, { isAccepted: true }), 'nothing');
  });

  it('takes one ACCEPT, and refuses a codec that it cannot use', () => {
    assert.equal(step('calling', { is: 'accept' }), 'calling take-codec');
    assert.equal(step('calling', { is: 'accept' }, { hasCodec: false }), 'ended refuse-codec');
    assert.equal(step('calling', { is: 'accept' }, { isAccepted: true }), 'nothing');
  });

  it('hears nothing of progress and answers before ACCEPT', () => {
    for (const event of [{ is: 'answer' }, { is: 'report', report: 'ringing' }] as const) assert.equal(step('calling', event), 'nothing');
    assert.equal(step('calling', { is: 'report', report: 'ringing' }, { isAccepted: true }), 'ringing report');
    assert.equal(step('calling', { is: 'report', report: 'busy' }, { isAccepted: true }), 'calling report');
    assert.equal(step('ringing', { is: 'answer' }, { isAccepted: true }), 'up');
  });

  it('accepts before it rings and before it answers, once', () => {
    const incoming = { direction: 'incoming' } as const;
    assert.equal(step('incoming', { is: 'we-report', report: 'ringing' }, incoming), 'ringing send-accept send-report');
    assert.equal(step('ringing', { is: 'we-answer' }, { ...incoming, isAccepted: true }), 'up send-answer');
    assert.equal(step('incoming', { is: 'we-answer' }, incoming), 'up send-accept send-answer');
    assert.equal(step('incoming', { is: 'we-accept' }, { ...incoming, isAccepted: true }), 'nothing');
  });

  it('tells nobody of a caller before he is known', () => {
    const incoming = { direction: 'incoming' } as const;
    assert.equal(step('authenticating', { is: 'authrep' }, incoming), 'incoming offer-call');
    assert.equal(step('authenticating', { is: 'authrep' }, { ...incoming, isProven: false }), 'ended refuse-user');
    assert.equal(step('authenticating', { is: 'authrep' }, { ...incoming, hasCodec: false }), 'ended refuse-codec');
    assert.equal(step('authenticating', { is: 'we-answer' }, incoming), 'nothing');
  });

  it('bears a call that rings again after it was answered (6.7)', () => {
    assert.equal(step('up', { is: 'report', report: 'ringing' }, { isAccepted: true }), 'up report');
    assert.equal(step('up', { is: 'answer' }, { isAccepted: true }), 'nothing');
  });
});
