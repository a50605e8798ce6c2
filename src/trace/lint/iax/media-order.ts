import type { Side } from '../../call';
import type { LegRecord } from '../../iax';
import type { LintContext } from '../lint';
import { type IaxLint, personAt } from './lint';

const header = { start: 0, end: 2 };

/** Voice whose codec nobody has named: it is dropped (IAX2 reference 1.3). */
export class MediaOrderLint implements IaxLint {
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
  }

  onVoice(leg: LegRecord, side: Side): void {
    const { call } = leg;
    // Of media alone that was moved, the path is no call, and the full frames stay on the old legs (IAX2 reference 6.9).
    if (call === undefined || leg.isPartial || leg[side].newest.has(voiceTitle(leg, side))) return;
    if (leg[side].voice > 1) return;
    const message = leg.messages.findLast((known) => known.side === side) ?? call.invite;
    this.#context.report({
      id: 'iax-mini-before-full',
      clause: `${personAt(leg, side)} sends voice in mini frames before any full one${call.invite.iax?.command === 'TXREL' ? ' on its new way' : ''}`,
      message,
      range: header,
    });
  }
}

/** The title of a full voice frame of this end, if it has sent one. */
function voiceTitle(leg: LegRecord, side: Side): string {
  for (const title of leg[side].newest.keys()) if (title.startsWith('VOICE')) return title;
  return 'VOICE';
}
