import type { ProtocolObserver } from '../sip';
import type { Journal } from '../trace';

/** Writes down every change of state and every timer of the phone `owner`. */
export function journalObserver(journal: Journal, owner: string): ProtocolObserver {
  return {
    stateChanged: (machine, id, from, to, why) => {
      journal.append({ kind: 'state', owner, machine, id, from, to, why });
    },
    timer: (timer, id, action, delay) => {
      journal.append({ kind: 'timer', owner, timer, id, action, delay });
    },
  };
}
