import type { ServeEvent } from './serve-events';

/** An event as a line for a person. */
export function describeEvent(event: ServeEvent): string {
  switch (event.event) {
    case 'ready':
      return event.phones.map(({ name, uri, transports }) => `${name.padEnd(12)}${uri}  (${transports.join(', ')})`).join('\n');
    case 'call':
      return describeCall(event);
    case 'transfer':
      return `transfer ${event.id}: ${event.verdict}: ${event.reason}`;
    case 'hears':
      return `${event.phone} hears ${[...event.hears, ...(event.hold ? ['a hold tone'] : [])].join(' and ') || 'nobody'}`;
    case 'watch': {
      const rings = event.calls.filter(({ canPickUp }) => canPickUp).map(({ peer }) => peer);
      const state = event.sees.length === 0 ? `not known (${event.state})` : event.sees.join(' and ');
      return `${event.phone} sees ${event.target}: ${state}${rings.length === 0 ? '' : ` (${rings.join(', ')})`}`;
    }
    case 'digit':
      return `${event.phone} got the key ${event.digit}`;
    case 'error':
      return `error ${event.code}: ${event.phone === undefined ? '' : `${event.phone}: `}${event.text}. ${event.remedy}`.trimEnd();
    case 'outcome':
      return event.ok ? `done: ${event.verb}: ${event.text}` : `failed: ${event.verb}: ${event.text} (${event.code ?? ''})`;
  }
}

function describeCall({ id, state, peer, transferredBy, holding, held, end }: Extract<ServeEvent, { readonly event: 'call' }>): string {
  const preposition = state === 'incoming' ? ' from' : state === 'calling' || state === 'ringing' ? '' : ' with';
  const by = transferredBy === null ? '' : `, sent by ${transferredBy}`;
  const marks = [...(holding ? ['holding'] : []), ...(held ? ['held'] : []), ...(end === null ? [] : [`${end.status} ${end.text}`])];
  return `${id}: ${state}${preposition} ${peer}${by}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`;
}
