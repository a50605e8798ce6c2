import type { Verb } from '../../lab';
import type { Step } from '../../scenario';
import { say } from '../say';
import { list } from '../trees/words';

/** A step of a scenario as one line: its verbs, or what it waits for. */
export function stepWords(step: Step, format: (verb: Verb) => string): string {
  if (step.kind === 'verbs') return step.verbs.map(({ verb }) => format(verb)).join(', ');
  return say('waits until {0}', list(step.conditions.map(({ text }) => text)));
}
