import type { HoldStyle } from '../../sdp';
import type { Session } from '../session';

export function hasEnded(session: Session): boolean {
  return session.state === 'ended';
}

/** With BYE, as whoever leaves a replaced call does: a call that was refused, or never answered, is something else. */
export function hungUpByPeer(session: Session | undefined): boolean {
  return session?.state === 'ended' && session.endCause?.by === 'peer' && session.endCause.status === 200;
}

/** Takes a call off hold after a transfer came to nothing; `done` gets the clause that tells how that went. */
export function takeBack(session: Session, style: HoldStyle, done: (clause: string) => void): void {
  if (hasEnded(session)) {
    done('the call has ended');
    return;
  }
  session.changeHold(false, style, (failure) => {
    const back = failure === undefined ? 'the call is back' : 'the call stays on hold';
    done(hasEnded(session) ? 'the call has ended' : back);
  });
}
