import { type LineRange, parseTrace, readTrace } from '../../capture';
import type { TraceMessage, TraceModel } from '../../trace';

/** Larger texts than this, in UTF-16 units, are not searched: reading them would hold up the editor. */
const longestText = 8_000_000;

/** The messages of a trace's text, what they mean, and where they stand. */
export class TraceIndex {
  readonly model: TraceModel;
  readonly #lines = new Map<string, LineRange>();

  private constructor(model: TraceModel, places: readonly { readonly bytes: Uint8Array; readonly lines: LineRange }[]) {
    this.model = model;
    // A message doubled by its capture is one message of the model: the octets say which lines are whose.
    const byOctets = new Map(places.map(({ bytes, lines }) => [bytes, lines]));
    const isOneToOne = places.length === model.messages.length;
    model.messages.forEach(({ id, bytes }, index) => {
      const lines = byOctets.get(bytes) ?? (isOneToOne ? places[index]?.lines : undefined);
      if (lines !== undefined) this.#lines.set(id, lines);
    });
  }

  /** Undefined for a text that is too long. */
  static of(text: string): TraceIndex | undefined {
    if (text.length > longestText) return undefined;
    const parsed = parseTrace(text);
    return new TraceIndex(readTrace(parsed), parsed.messages);
  }

  linesOf({ id }: Pick<TraceMessage, 'id'>): LineRange | undefined {
    return this.#lines.get(id);
  }

  /** The message whose block has this line, if any. */
  messageAt(line: number): TraceMessage | undefined {
    return this.model.messages.find((message) => {
      const lines = this.linesOf(message);
      return lines !== undefined && line >= lines.start && line < lines.end;
    });
  }
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
