import { type RandomSource, randomInteger } from '../../src/core';

/** One of `choices`, each as likely as its weight says. */
export function weighted<Choice>(random: RandomSource, choices: readonly (readonly [number, Choice])[]): Choice {
  let left = random.fraction() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, choice] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return choices.at(-1)![1];
}

export function oneOf<Choice>(random: RandomSource, choices: readonly Choice[]): Choice {
  return choices[randomInteger(random, choices.length)]!;
}

export function chance(random: RandomSource, probability: number): boolean {
  return random.fraction() < probability;
}

/** Some of `choices` in any order: one at least, and `most` at the most. */
export function someOf<Choice>(random: RandomSource, choices: readonly Choice[], most: number): readonly Choice[] {
  const left = [...choices];
  const count = Math.min(left.length, 1 + randomInteger(random, most));
  return Array.from({ length: count }, () => left.splice(randomInteger(random, left.length), 1)[0]!);
}
