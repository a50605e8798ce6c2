import type { CallInfo, PhoneInfo, PhoneProtocol, VerbName } from '../../lab';
import { say } from '../say';
import { callState, isLive } from '../trees/words';
import { checkTarget, type TargetCheck } from './target-check';

/** One line of the target picker; `target` is undefined for what cannot be chosen. */
export interface TargetItem {
  readonly group: 'chosen' | 'typed' | 'consulted' | 'phones' | 'recent';
  readonly label: string;
  readonly description: string;
  readonly target: string | undefined;
  /** Where the line stands for several at once, in their order. */
  readonly targets?: readonly string[];
}

export interface TargetSource {
  readonly verb: VerbName;
  readonly phones: readonly PhoneInfo[];
  /** The phone that acts; it is no target of its own. */
  readonly phone: string;
  /** The call that is acted on: its other party is no target either. */
  readonly call: string | undefined;
  readonly recent: readonly string[];
  /** Of a verb that takes several targets: those chosen so far. */
  readonly chosen?: readonly string[] | undefined;
}

/** The verbs that give a call to somebody who may have been called before. */
const consulting: ReadonlySet<VerbName> = new Set(['transfer', 'attended-transfer', 'blonde-transfer']);

/**
 * What the target picker offers: whoever is being consulted, the other phones, recent URIs, and what is being typed.
 */
export function targetItems({ verb, phones, phone, call, recent, chosen }: TargetSource, typed: string): readonly TargetItem[] {
  const actor = phones.find(({ name }) => name === phone);
  const acted = actor?.calls.find(({ id }) => id === call);
  const consulted = call === undefined || !consulting.has(verb) ? [] : (actor?.calls.filter((other) => isConsulted(other, call)) ?? []);
  const { protocol = 'sip' } = actor ?? {};
  // Who speaks something else cannot be called.
  const callable = phones.filter((one) => (one.protocol ?? 'sip') === protocol);
  const others = callable.filter(({ name, problem }) => name !== phone && name !== acted?.peer && problem === undefined && chosen?.includes(name) !== true);
  const names = callable.map(({ name }) => name);
  return [
    ...(typed.trim() === '' ? chosenItems(chosen ?? []) : []),
    ...typedItems(typed, { names, hasProxy: actor?.hasProxy === true, protocol }, chosen),
    ...consulted.map((one): TargetItem => ({
      group: 'consulted',
      label: one.peer,
      description: say('consultation call, {0}', callState(one)),
      target: one.peer,
    })),
    ...others
      .filter(({ name }) => !consulted.some(({ peer }) => peer === name))
      .map((one): TargetItem => ({ group: 'phones', label: one.name, description: one.uri, target: one.name })),
    ...recent
      .filter((uri) => chosen?.includes(uri) !== true && uri !== actor?.registration?.addressOfRecord)
      .map((uri): TargetItem => ({ group: 'recent', label: uri, description: '', target: uri })),
  ];
}

function isConsulted(other: CallInfo, call: string): boolean {
  // One that still rings there is what a blonde transfer is made of; one that rings here was not asked for.
  return other.id !== call && isLive(other) && (other.state === 'connected' || other.direction === 'outgoing');
}

/** What the phone that acts can call. */
interface KnownTargets {
  readonly names: readonly string[];
  readonly hasProxy: boolean;
  readonly protocol: PhoneProtocol;
}

function judge(text: string, { names, hasProxy, protocol }: KnownTargets): TargetCheck {
  return checkTarget(text, names, hasProxy, protocol);
}

/** What is chosen already and may be all. */
function chosenItems(chosen: readonly string[]): readonly TargetItem[] {
  const [last] = chosen.slice(-1);
  return last === undefined ? [] : [{ group: 'chosen', label: chosen.join(', then '), description: 'that is all', target: last, targets: chosen }];
}

/**
 * While typing: the URI as it would be called, or why it cannot be. A phone's name needs no line: the list below has
 * it.
 */
function typedItems(typed: string, known: KnownTargets, chosen: readonly string[] | undefined): readonly TargetItem[] {
  const text = typed.trim();
  if (text === '' || known.names.some((name) => name.startsWith(text))) return [];
  // Several in one line, as after the verb: `charlie dave`.
  const words = chosen === undefined ? [] : text.split(/,?\s+/u);
  if (words.length > 1) return [listItem(text, words, known)];
  const check = judge(text, known);
  if (check.ok) return [{ group: 'typed', label: check.target, description: 'call this URI', target: check.target }];
  return [{ group: 'typed', label: text, description: check.why, target: undefined }];
}

function listItem(text: string, words: readonly string[], known: KnownTargets): TargetItem {
  const targets: string[] = [];
  for (const word of words) {
    const check = judge(word, known);
    if (!check.ok) return { group: 'typed', label: text, description: check.why, target: undefined };
    targets.push(check.target);
  }
  return { group: 'typed', label: targets.join(', then '), description: 'in this order', target: targets.at(-1), targets };
}
