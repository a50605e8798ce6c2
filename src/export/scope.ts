import { concernsTransfer } from '../ladder';
import type { TraceMessage, TraceModel } from '../trace';

/** What of a trace is to be shown to somebody else. */
export type ExportScope =
  | { readonly kind: 'all' }
  /** One call, by its id in the trace: `c1`. */
  | { readonly kind: 'call'; readonly id: string }
  /** One transfer with all of its calls: `x1`. */
  | { readonly kind: 'transfer'; readonly id: string }
  /** Certain messages: `m1`, `m2` ... */
  | { readonly kind: 'messages'; readonly ids: ReadonlySet<string> };

/** Whether a message belongs to it. Throws a {@link NoSuchPart} when the trace has no such call or transfer. */
export function scopeFilter(model: Pick<TraceModel, 'calls' | 'transfers'>, scope: ExportScope): (message: TraceMessage) => boolean {
  switch (scope.kind) {
    case 'all':
      return () => true;
    case 'call': {
      const call = model.calls.find(({ id }) => id === scope.id) ?? fail('call', scope.id, model.calls);
      return (message) => message.call === call;
    }
    case 'transfer': {
      const transfer = model.transfers.find(({ id }) => id === scope.id) ?? fail('transfer', scope.id, model.transfers);
      return (message) => concernsTransfer(message, transfer);
    }
    case 'messages':
      return ({ id }) => scope.ids.has(id);
  }
}

/** The trace has no call or transfer of this id; the message names those that there are. */
export class NoSuchPart extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoSuchPart';
  }
}

function fail(what: string, id: string, known: readonly { readonly id: string }[]): never {
  const ids = known.slice(0, 20).map((one) => one.id);
  const more = known.length > ids.length ? ` and ${known.length - ids.length} more` : '';
  throw new NoSuchPart(`There is no ${what} "${id}"; ${ids.length === 0 ? 'there is none' : `there is ${ids.join(', ')}${more}`}.`);
}
