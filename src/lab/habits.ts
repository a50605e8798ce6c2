import { describeError, type Milliseconds } from '../core';
import type { Session } from '../sip';
import type { Directory } from './directory';
import type { PhoneOptions } from './phone-options';

/** What a habit needs to act. */
export interface HabitTools {
  readonly directory: Directory;
  /** Lets the caller know that it rings here. */
  ring(): void;
  after(delay: Milliseconds, then: () => void): void;
  accept(): void;
  reportProblem(code: string, text: string): void;
}

/** What a phone does with an incoming call when nobody touches it. */
export function reactTo(session: Session, options: PhoneOptions, tools: HabitTools): void {
  const behaviour = options.behaviour ?? { kind: 'manual' };
  switch (behaviour.kind) {
    case 'manual':
    case 'ignore':
      tools.ring();
      return;
    case 'answer':
      tools.ring();
      tools.after(behaviour.after, () => {
        tools.accept();
      });
      return;
    case 'busy':
      session.reject(486);
      return;
    case 'decline':
      session.reject(603);
      return;
    case 'redirect':
      redirect(session, behaviour.to, options, tools);
  }
}

function redirect(session: Session, targets: readonly string[], options: PhoneOptions, tools: HabitTools): void {
  try {
    session.redirect(targets.map((target) => tools.directory.resolve(target, options.transport ?? 'udp').toString()));
  } catch (error) {
    tools.reportProblem('CL2002', `${options.name} cannot redirect: ${describeError(error)}`);
    session.reject(480);
  }
}
