import { type LineRange, placesInBlock, type TextPlace } from '../../capture';
import { type LintFinding, type LintId, lintRules, type TraceMessage } from '../../trace';
import type { TraceIndex } from './trace-index';

/** A finding of a lint, placed in the text of a trace. */
export interface Mark {
  readonly id: LintId;
  /** The sentence, and what to do. */
  readonly text: string;
  /** Where it is written how it should be. */
  readonly rule: string;
  readonly start: TextPlace;
  readonly end: TextPlace;
  /** The first lines of the other messages of the story. */
  readonly related: readonly RelatedMark[];
}

export interface RelatedMark {
  readonly text: string;
  readonly line: number;
}

/** Where the messages of a text stand: `undefined` for one that is not in it. */
type Lines = (message: TraceMessage) => LineRange | undefined;

/** The findings as marks in a text; those whose message is not in it are left out. */
export function placeFindings(findings: readonly LintFinding[], lines: Lines, wanted: ReadonlySet<LintId>): readonly Mark[] {
  return findings.flatMap((finding) => {
    const at = wanted.has(finding.id) ? lines(finding.message) : undefined;
    return at === undefined ? [] : [placeFinding(finding, at, lines)];
  });
}

/** What the lints find in the text of a trace, as it stands in a file. */
export function marksIn(index: TraceIndex | undefined, wanted: ReadonlySet<LintId>): readonly Mark[] {
  return index === undefined ? [] : placeFindings(index.model.lints, (message) => index.linesOf(message), wanted);
}

function placeFinding({ id, text, message, range, related }: LintFinding, { start }: LineRange, lines: Lines): Mark {
  const rule = lintRules.find((known) => known.id === id);
  const places = placesInBlock(message, range);
  // The octets begin below the header line of their block.
  const place = ({ line, column }: TextPlace): TextPlace => ({ line: start + 1 + line, column });
  return {
    id,
    text: rule === undefined ? text : `${text} ${rule.remedy}`,
    rule: rule?.rule ?? '',
    start: place(places.start),
    end: place(places.end),
    related: related.flatMap((other) => {
      const there = lines(other);
      return there === undefined ? [] : [{ text: nameOf(other), line: there.start + 1 }];
    }),
  };
}

function nameOf({ sip, iax, id }: TraceMessage): string {
  if (iax !== undefined) return `${id}: ${iax.title}`;
  if (sip === undefined) return id;
  return sip.kind === 'request' ? `${id}: ${sip.method}` : `${id}: ${sip.status} ${sip.reason}`;
}
