import { type RandomSource, randomInteger } from '../../../src/core';
import type { Behaviour, CallOptions, PhoneOptions, TransferOptions } from '../../../src/lab';
import { defectIds } from '../../../src/sip';
import { chance, oneOf, someOf, weighted } from '../../support/chance';
import { hostOf, phoneNames, sipPort } from './story';

function drawBehaviour(random: RandomSource, others: readonly string[]): Behaviour {
  return weighted<() => Behaviour>(random, [
    [45, () => ({ kind: 'manual' })],
    [40, () => ({ kind: 'answer', after: chance(random, 0.4) ? 0 : randomInteger(random, 3_000) })],
    [4, () => ({ kind: 'busy' })],
    [4, () => ({ kind: 'decline' })],
    [3, () => ({ kind: 'ignore' })],
    [6, () => ({ kind: 'redirect', to: someOf(random, others, 3) })],
  ])();
}

/** The phones of a story, each with habits of its own. */
export function drawPhones(random: RandomSource): readonly PhoneOptions[] {
  const phones = drawSoundPhones(random);
  if (!chance(random, 0.12)) return phones;
  // One of them has a defect, as phones have in the field: the others must live with it.
  const sick = randomInteger(random, phones.length);
  return phones.map((phone, index) => (index === sick ? { ...phone, defects: [oneOf(random, defectIds)] } : phone));
}

/** What becomes of a wish to transfer the phone. */
function drawConsent(random: RandomSource): Pick<PhoneOptions, 'refer'> {
  const refer = weighted(random, [
    [80, undefined],
    [17, 'ask'],
    [3, 'refuse'],
  ] as const);
  return refer === undefined ? {} : { refer };
}

/** How the phone transfers; most do as a phone does that was told nothing. */
function drawTransfer(random: RandomSource): Pick<PhoneOptions, 'transfer'> {
  const drawn: readonly TransferOptions[] = [
    rarely(random, 0.55, () => ({ blonde: oneOf(random, ['wait', 'cancel', 'replaces'] as const) })),
    rarely(random, 0.2, () => ({ hangUp: oneOf(random, ['accepted', 'ringing', 'final'] as const) })),
    rarely(random, 0.15, () => ({ subscription: oneOf(random, ['none', 'explicit', 'implicit'] as const) })),
    rarely(random, 0.1, () => ({ referSub: chance(random, 0.3) })),
    rarely(random, 0.1, () => ({ referredBy: chance(random, 0.2) })),
    rarely(random, 0.1, () => ({ place: oneOf(random, ['inside', 'outside', 'outside'] as const) })),
    rarely(random, 0.1, () => ({ refer: oneOf(random, ['transferee', 'target', 'target'] as const) })),
  ];
  const transfer: TransferOptions = Object.assign({}, ...drawn);
  return Object.keys(transfer).length === 0 ? {} : { transfer };
}

/** How the phone makes and takes its calls. */
function drawCallOptions(random: RandomSource): CallOptions {
  return Object.assign(
    {},
    rarely(random, 0.2, () => ({ reliable: oneOf(random, ['off', 'supported', 'required'] as const) })),
    rarely(random, 0.1, () => ({ earlyMedia: chance(random, 0.8) })),
    rarely(random, 0.15, () => ({ sessionTimer: drawSessionTimer(random) })),
    rarely(random, 0.2, () => ({ dtmf: oneOf(random, ['rtp', 'info', 'info'] as const) })),
    rarely(random, 0.1, () => ({ connectedIdentity: chance(random, 0.8) })),
  ) as CallOptions;
}

/** Short ones: a call that is refreshed while a story lasts may lose the refresh, or meet another request with it. */
function drawSessionTimer(random: RandomSource): NonNullable<CallOptions['sessionTimer']> {
  return {
    expires: 90_000 + 1_000 * randomInteger(random, 60),
    ...rarely(random, 0.3, () => ({ min: 90_000 + 1_000 * randomInteger(random, 60) })),
    ...rarely(random, 0.6, () => ({ refresher: oneOf(random, ['uac', 'uas'] as const) })),
    ...rarely(random, 0.6, () => ({ method: oneOf(random, ['invite', 'update'] as const) })),
  };
}

/** The option with this probability, else none. */
function rarely<Options extends object>(random: RandomSource, probability: number, draw: () => Options): Options | Record<string, never> {
  return chance(random, probability) ? draw() : {};
}

function drawSoundPhones(random: RandomSource): readonly PhoneOptions[] {
  const names = phoneNames.slice(0, 3 + randomInteger(random, 3));
  const realm = chance(random, 0.1) ? 'story' : undefined;
  return names.map((name, index): PhoneOptions => ({
    name,
    host: hostOf(index),
    port: sipPort,
    transport: weighted(random, [
      [82, 'udp'],
      [10, 'tcp'],
      [3, 'tls'],
      [5, 'ws'],
    ]),
    behaviour: drawBehaviour(random, names.filter((other) => other !== name)),
    holdStyle: oneOf(random, ['sendonly', 'sendonly', 'inactive', 'c0'] as const),
    holdTone: chance(random, 0.8),
    ringLimit: 2_000 + randomInteger(random, 15_000),
    ...drawConsent(random),
    ...drawTransfer(random),
    ...drawCallOptions(random),
    ...rarely(random, 0.2, () => ({ referStatus: 200 as const })),
    laws: oneOf(random, [['pcmu', 'pcma'], ['pcma', 'pcmu'], ['pcmu', 'pcma']] as const),
    ...(realm !== undefined && { credentials: { username: name, password: `of ${name}` } }),
    ...(realm !== undefined && index === 1 && {
      requires: { realm, users: names.map((user) => ({ username: user, password: `of ${user}` })) },
    }),
  }));
}
