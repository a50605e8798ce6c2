import type { IaxAddress } from '../address';
import { causes } from '../cause';
import type { FullFrame } from '../frame';
import type { CallTokens } from './call-token';
import type { LegKeeper } from './leg-keeper';
import type { StatelessAnswers } from './stateless-answers';

/** What the doorkeeper asks of the endpoint. */
export interface DoorkeeperParts {
  readonly tokens: CallTokens;
  readonly answers: StatelessAnswers;
  readonly keeper: LegKeeper;
  /** False for who knows nothing of tokens and is trusted without (IAX2 reference 4.3); the name is what the frame says. */
  requiresToken(source: IaxAddress, username: string | undefined): boolean;
  readonly hasRegistrar: boolean;
}

/**
 * Decides who may open a call or a registration, before a number or any memory is spent on him (IAX2 reference 4.2, 4.3).
 * Returns whether the frame may come in; otherwise it has been answered as far as it deserves.
 */
export function admit(parts: DoorkeeperParts, source: IaxAddress, frame: FullFrame): boolean {
  const { answers, keeper } = parts;
  // 7.1: an element that goes beyond the frame: no reply. A first frame has the first number.
  if (frame.fault !== undefined || frame.outgoingSequence !== 0) return false;
  // 4.2: POKE is answered without a call.
  if (frame.command === 'POKE') {
    answers.pong(source, frame);
    return false;
  }
  if (parts.requiresToken(source, frame.element('username')) && !provesSource(parts, source, frame)) return false;
  if (frame.command !== 'NEW' && !parts.hasRegistrar) {
    answers.explain(source, frame, { code: causes.facilityRejected.code, text: 'No registrar here' });
    return false;
  }
  // 7.2: each source has its share, and there is an end to all of them.
  const refusal = keeper.refusal(source.host);
  if (refusal !== undefined) answers.explain(source, frame, refusal);
  return refusal === undefined;
}

/** 4.3: whether the source has shown that it receives what is sent there. */
function provesSource({ tokens, answers }: DoorkeeperParts, source: IaxAddress, frame: FullFrame): boolean {
  const token = frame.element('callToken');
  if (token !== undefined && tokens.verify(source, token)) return true;
  // Step 2: an empty token asks for one.
  if (token?.length === 0) answers.giveToken(source, frame, tokens);
  // None, a wrong one, an old one, or another's: a bare refusal.
  else answers.refuse(source, frame);
  return false;
}
