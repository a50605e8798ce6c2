import type { Milliseconds } from '../../core';
import { causes } from '../../iax';
import type { PhoneOptions } from '../phone-options';
import type { IaxPhoneCall } from './iax-phone-call';

/** What a habit needs to act. */
export interface IaxHabitTools {
  after(delay: Milliseconds, then: () => void): void;
  accept(): void;
  reportProblem(code: string, text: string): void;
}

/** How long an unanswered call may ring [choice]. */
const defaultRingLimit: Milliseconds = 180_000;

/** What an IAX2 phone does with an incoming call when nobody touches it. */
export function takeCall(call: IaxPhoneCall, options: PhoneOptions, tools: IaxHabitTools): void {
  const { iax } = call;
  const behaviour = options.behaviour ?? { kind: 'manual' };
  switch (behaviour.kind) {
    case 'busy':
      iax.reject(causes.busy);
      return;
    case 'decline':
      iax.reject(causes.rejected);
      return;
    case 'redirect':
      // No frame of IAX2 sends a caller on before the answer.
      tools.reportProblem('CL3003', `${options.name} cannot redirect: IAX2 has no way to send a caller elsewhere before the answer`);
      iax.reject(causes.rejected);
      return;
    case 'manual':
    case 'ignore':
    case 'answer':
      iax.ring();
      if (behaviour.kind === 'answer') {
        tools.after(behaviour.after, () => {
          tools.accept();
        });
      }
      tools.after(options.ringLimit ?? defaultRingLimit, () => {
        if (call.state === 'incoming') iax.reject(causes.noAnswer);
      });
  }
}
