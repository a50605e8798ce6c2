import { type LintId, lintRules, type TransferKind } from '../trace';
import { type CallPhrase, conditionWords, parseCallPhrase, verdicts } from './condition';
import { noteFault, readLine } from './line';
import type { Names } from './names';
import type { CallsExpectation, Expectations, Expected, HearsExpectation, MessageExpectation, TransferExpectation } from './scenario';
import { suggestion, type YamlField, type YamlValue } from './yaml-value';

const transferKinds: readonly TransferKind[] = ['redirect', 'pick-up', 'blind', 'attended', 'blonde', 'native', 'native-media'];

const callGrammar = { what: 'the state of a call,', example: 'connected to bob', parse: parseCallPhrase, words: conditionWords };

/** Reads `expect:`; what is not there is not expected. */
export function readExpectations(value: YamlValue | undefined, names: Names): Expectations {
  const fields = value?.fields('the expectations', ['hears', 'calls', 'transfers', 'messages', 'lints']);
  const perPhone = fields?.get('hears')?.fields('a map of phones, such as "alice: bob"').all ?? [];
  const calls = fields?.get('calls')?.fields('a map of phones, such as "alice: connected to bob"').all ?? [];
  const messages = fields?.get('messages')?.fields('a map of messages, such as "INVITE: 1"').all ?? [];
  return {
    hears: perPhone.map((field) => readHears(field, names)),
    calls: calls.map((field) => readCalls(field, names)),
    transfers: readTransfers(fields?.get('transfers'), names),
    messages: messages.flatMap((field) => readMessages(field) ?? []),
    lints: readLints(fields?.get('lints')),
  };
}

function checkPhone({ key, name }: YamlField, names: Names): void {
  const fault = names.checkPhone(name);
  if (fault !== undefined) key.problem(fault.message, fault.remedy);
}

/** `alice: bob`, `alice: [bob, hold tone]`, `alice: nobody`. */
function readHears(field: YamlField, names: Names): Expected<HearsExpectation> {
  checkPhone(field, names);
  const phones: string[] = [];
  let hold = false;
  for (const item of field.value.items()) {
    const word = item.text('a phone, "hold tone" or "nobody"');
    if (word === undefined || (word === 'nobody' && field.value.items().length === 1)) continue;
    if (word === 'hold tone') hold = true;
    else if (names.checkPhone(word) === undefined) phones.push(word);
    else item.problem(`"${word}" cannot be heard: it is no phone of this file.`, suggestion(word, [...names.phones, 'hold tone', 'nobody']));
  }
  return { phone: field.name, phones: phones.sort(), hold, range: field.key.range };
}

/** `alice: connected to bob`, `alice: [talking to bob, ended with charlie 486]`, `alice: idle`. */
function readCalls(field: YamlField, names: Names): Expected<CallsExpectation> {
  checkPhone(field, names);
  const items = field.value.items();
  const calls: CallPhrase[] = [];
  for (const item of items) {
    if (items.length === 1 && item.isText && item.text('') === 'idle') continue;
    const line = readLine(item, callGrammar);
    if (line === undefined) continue;
    const { peer } = line.result;
    if (peer !== undefined) noteFault(line, peer, names.checkParty(peer), 'last');
    calls.push(line.result);
  }
  return { phone: field.name, calls, range: field.key.range };
}

function readTransfers(value: YamlValue | undefined, names: Names): Expectations['transfers'] {
  const items = value?.list('a list of transfers');
  if (value === undefined || items === undefined) return undefined;
  return { list: items.map((item) => readTransfer(item, names)), range: value.range };
}

function readTransfer(item: YamlValue, names: Names): TransferExpectation {
  const fields = item.fields('a transfer', ['kind', 'transferor', 'transferee', 'target', 'verdict', 'reason']);
  const party = (key: string): string | undefined => {
    const value = fields.get(key);
    const name = value?.text('a phone');
    const fault = name === undefined ? undefined : names.checkParty(name);
    if (fault !== undefined) value?.problem(fault.message, fault.remedy);
    return name;
  };
  const expectation = {
    kind: fields.get('kind')?.word('a kind of transfer', transferKinds),
    transferor: party('transferor'),
    transferee: party('transferee'),
    target: party('target'),
    verdict: fields.get('verdict')?.word('a verdict', verdicts),
    reason: fields.get('reason')?.text('words of the reason'),
  };
  return Object.fromEntries(Object.entries(expectation).filter(([, wanted]) => wanted !== undefined));
}

/** `lints: [T3]`; an empty list means that nothing is found. */
function readLints(value: YamlValue | undefined): Expectations['lints'] {
  const items = value?.list('a list of lints, such as [T3]');
  if (value === undefined || items === undefined) return undefined;
  const ids = items.flatMap((item) => item.word<LintId>('a lint', lintRules.map(({ id }) => id)) ?? []);
  return { ids: [...new Set(ids)], range: value.range };
}

/** `INVITE: 2`, `486: at least 1`, `200 BYE: 1`; of IAX2 a command or a control: `TXREQ: 2`, `ANSWER: 1`. */
function readMessages({ key, name, value }: YamlField): Expected<MessageExpectation> | undefined {
  const match = /^(?:(?<status>[1-6]\d\d)(?: (?<answered>[A-Z]+))?|(?<method>[A-Z]+))$/u.exec(name);
  if (match?.groups === undefined) {
    key.problem(`"${name}" names no message.`, 'Write a method, a status, or both: INVITE, 486, "200 BYE"; for IAX2 a command: TXREQ.');
    return undefined;
  }
  const { status, answered, method } = match.groups;
  const count = readCount(value);
  if (count === undefined) return undefined;
  return { text: name, method: method ?? answered, status: status === undefined ? undefined : Number(status), ...count, range: key.range };
}

function readCount(value: YamlValue): { min: number; max: number } | undefined {
  const text = value.text('how many');
  if (text === undefined) return undefined;
  const number = Number(/\d+$/u.exec(text)?.[0]);
  const from = /^(?<from>\d+) to \d+$/u.exec(text)?.groups?.['from'];
  if (/^\d+$/u.test(text)) return { min: number, max: number };
  if (/^at least \d+$/u.test(text)) return { min: number, max: Number.POSITIVE_INFINITY };
  if (/^at most \d+$/u.test(text)) return { min: 0, max: number };
  if (from !== undefined && Number(from) <= number) return { min: Number(from), max: number };
  value.problem(`"${text}" is no count.`, 'Write 2, "at least 2", "at most 2" or "1 to 2".');
  return undefined;
}

