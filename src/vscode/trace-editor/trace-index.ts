import { type LineRange, type ParsedTrace, parseTrace, readTrace, type TraceFault } from '../../capture';
import type { TraceMessage, TraceModel } from '../../trace';

/** Larger texts than this, in UTF-16 units, are not read: that takes three seconds, in which the editor waits. */
export const longestText = 24_000_000;

/** The messages of a trace's text, what they mean, and where they stand. */
export class TraceIndex {
  readonly model: TraceModel;
  /** When the trace began; undefined where the text does not say. */
  readonly startedAt: Date | undefined;
  /** What could not be read. */
  readonly faults: readonly TraceFault[];
  /** Where each message stands, by its id. */
  readonly lines: ReadonlyMap<string, LineRange>;

  private constructor(model: TraceModel, lines: ReadonlyMap<string, LineRange>, { startedAt, faults }: Pick<ParsedTrace, 'startedAt' | 'faults'>) {
    this.model = model;
    this.startedAt = startedAt;
    this.faults = faults;
    this.lines = lines;
  }

  /** Undefined for a text that is too long. */
  static of(text: string): TraceIndex | undefined {
    if (text.length > longestText) return undefined;
    const parsed = parseTrace(text);
    const model = readTrace(parsed);
    return new TraceIndex(model, linesIn(parsed, model), parsed);
  }

  /** Of a text that was written from a model, and says where each message stands. */
  static written(model: TraceModel, lines: ReadonlyMap<string, LineRange>, startedAt: Date | undefined): TraceIndex {
    return new TraceIndex(model, lines, { startedAt, faults: [] });
  }

  linesOf({ id }: Pick<TraceMessage, 'id'>): LineRange | undefined {
    return this.lines.get(id);
  }

  /** The message whose block has this line, if any. */
  messageAt(line: number): TraceMessage | undefined {
    return this.model.messages.find((message) => {
      const lines = this.linesOf(message);
      return lines !== undefined && line >= lines.start && line < lines.end;
    });
  }
}

function linesIn({ messages }: ParsedTrace, model: TraceModel): ReadonlyMap<string, LineRange> {
  // A message doubled by its capture is one message of the model: the octets say which lines are whose.
  const byOctets = new Map(messages.map(({ bytes, lines }) => [bytes, lines]));
  const isOneToOne = messages.length === model.messages.length;
  const found = new Map<string, LineRange>();
  model.messages.forEach(({ id, bytes }, index) => {
    const lines = byOctets.get(bytes) ?? (isOneToOne ? messages[index]?.lines : undefined);
    if (lines !== undefined) found.set(id, lines);
  });
  return found;
}

/**
 * The earlier message that one answers, completes or takes back: of an ACK its frame, of a TXREL its TXREQ, of a SIP response
 * its request.
 */
export function definitionOf(message: TraceMessage): TraceMessage | undefined {
  if (message.iax !== undefined) return message.answers;
  const { transaction } = message;
  if (transaction === undefined || transaction.request === message) return message.retransmissionOf;
  return transaction.request;
}

/** All messages of the same leg, or of the same SIP call; a message that has neither stands alone. */
export function relativesOf(message: TraceMessage, model: TraceModel): readonly TraceMessage[] {
  const { leg, call } = message;
  if (leg !== undefined) return leg.messages;
  return call === undefined ? [message] : model.messages.filter((other) => other.call === call);
}
