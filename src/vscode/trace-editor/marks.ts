import { type LineRange, parseTrace, placesInBlock, readTrace, type TextPlace } from '../../capture';
import { type LintFinding, type LintId, lintRules, type TraceMessage } from '../../trace';

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

/** Larger texts than this, in UTF-16 units, are not searched: reading them would hold up the editor. */
const longestText = 8_000_000;

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
export function marksIn(text: string, wanted: ReadonlySet<LintId>): readonly Mark[] {
  if (text.length > longestText || wanted.size === 0) return [];
  const parsed = parseTrace(text);
  const model = readTrace(parsed);
  // A message doubled by its capture is one message of the model: the octets say which lines are whose.
  const byOctets = new Map(parsed.messages.map(({ bytes, lines }) => [bytes, lines]));
  const isOneToOne = parsed.messages.length === model.messages.length;
  const lines: Lines = ({ bytes, index }) => byOctets.get(bytes) ?? (isOneToOne ? parsed.messages[index]?.lines : undefined);
  return placeFindings(model.lints, lines, wanted);
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
