import { type RandomSource, randomInteger } from '../../../src/core';
import type { Behaviour, PhoneOptions } from '../../../src/lab';
import { defectIds } from '../../../src/sip';
import { chance, oneOf, someOf, weighted } from './chance';
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
  if (chance(random, 0.4)) return {};
  return { transfer: { blonde: oneOf(random, ['wait', 'cancel', 'replaces'] as const) } };
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
    laws: oneOf(random, [['pcmu', 'pcma'], ['pcma', 'pcmu'], ['pcmu', 'pcma']] as const),
    ...(realm !== undefined && { credentials: { username: name, password: `of ${name}` } }),
    ...(realm !== undefined && index === 1 && {
      requires: { realm, users: names.map((user) => ({ username: user, password: `of ${user}` })) },
    }),
  }));
}
