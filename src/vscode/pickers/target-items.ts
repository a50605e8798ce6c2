import type { CallInfo, PhoneInfo } from '../../lab';
import { callState, isLive } from '../trees/words';
import { checkTarget } from './target-check';

/** One line of the target picker; `target` is undefined for what cannot be chosen. */
export interface TargetItem {
  readonly group: 'typed' | 'consulted' | 'phones' | 'recent';
  readonly label: string;
  readonly description: string;
  readonly target: string | undefined;
}

export interface TargetSource {
  readonly phones: readonly PhoneInfo[];
  /** The phone that acts; it is no target of its own. */
  readonly phone: string;
  /** The call that is acted on: its other party is no target either. */
  readonly call: string | undefined;
  readonly recent: readonly string[];
}

/**
 * What the target picker offers: whoever is being consulted, the other phones, recent URIs, and what is being typed.
 */
export function targetItems({ phones, phone, call, recent }: TargetSource, typed: string): readonly TargetItem[] {
  const actor = phones.find(({ name }) => name === phone);
  const acted = actor?.calls.find(({ id }) => id === call);
  const consulted = call === undefined ? [] : (actor?.calls.filter((other) => isConsulted(other, call)) ?? []);
  const others = phones.filter(({ name, problem }) => name !== phone && name !== acted?.peer && problem === undefined);
  const names = phones.map(({ name }) => name);
  return [
    ...typedItems(typed, names),
    ...consulted.map((one): TargetItem => ({
      group: 'consulted',
      label: one.peer,
      description: `consultation call, ${callState(one)}`,
      target: one.peer,
    })),
    ...others
      .filter(({ name }) => !consulted.some(({ peer }) => peer === name))
      .map((one): TargetItem => ({ group: 'phones', label: one.name, description: one.uri, target: one.name })),
    ...recent.map((uri): TargetItem => ({ group: 'recent', label: uri, description: '', target: uri })),
  ];
}

function isConsulted(other: CallInfo, call: string): boolean {
  return other.id !== call && isLive(other) && other.state === 'connected';
}

/**
 * While typing: the URI as it would be called, or why it cannot be. A phone's name needs no line: the list below has
 * it.
 */
function typedItems(typed: string, names: readonly string[]): readonly TargetItem[] {
  const text = typed.trim();
  if (text === '' || names.some((name) => name.startsWith(text))) return [];
  const check = checkTarget(text, names);
  if (check.ok) return [{ group: 'typed', label: check.target, description: 'call this URI', target: check.target }];
  return [{ group: 'typed', label: text, description: check.why, target: undefined }];
}
