import { type CommandName, commandName, describeData, describeElement, type ElementName, type FullFrame, frameTypes } from '../iax';
import { causeName, type TraceMessage } from '../trace';

type Label = (frame: FullFrame) => string;

/** What an arrow says behind the title of its frame: what matters of its elements. */
const details: Partial<Record<CommandName, Label>> = {
  NEW: (frame) => [valueOf(frame, 'calledNumber'), remark(frame, 'username', 'as '), hasToken(frame) ? '(with token)' : ''].filter((part) => part !== '').join(' '),
  AUTHREQ: (frame) => valueOf(frame, 'authMethods'),
  ACCEPT: (frame) => valueOf(frame, 'format'),
  HANGUP: causeLabel,
  REJECT: causeLabel,
  REGREJ: causeLabel,
  REGREQ: (frame) => [valueOf(frame, 'username'), hasToken(frame) ? '(with token)' : '', frame.find('md5Result') === undefined ? '' : '(MD5)'].filter((part) => part !== '').join(' '),
  REGREL: (frame) => valueOf(frame, 'username'),
  REGACK: (frame) => valueOf(frame, 'refresh'),
  TXREQ: (frame) => `-> ${valueOf(frame, 'apparentAddress') || 'nowhere'}${callNumber(frame)}`,
  TXREADY: (frame) => callNumber(frame).trim(),
  TXREL: (frame) => `->${callNumber(frame)}`,
  TXMEDIA: (frame) => `->${callNumber(frame)}`,
  TRANSFER: (frame) => `-> ${valueOf(frame, 'calledNumber') || 'nobody'}`,
  QUELCH: (frame) => (frame.find('musicOnHold') === undefined ? '' : '(music)'),
  UNSUPPORT: (frame) => nameOfUnknown(frame),
};

/** Frames that only answer another, drawn as answers. */
const answers: ReadonlySet<string> = new Set<CommandName>([
  'ACK',
  'PONG',
  'LAGRP',
  'CALLTOKEN',
  'AUTHREQ',
  'ACCEPT',
  'REJECT',
  'INVAL',
  'REGAUTH',
  'REGACK',
  'REGREJ',
  'VNAK',
  'DPREP',
  'TXACC',
  'UNSUPPORT',
]);

const refusals = /^(?:REJECT|REGREJ|TXREJ|INVAL|UNSUPPORT|CONTROL BUSY|CONTROL CONGESTION)$/;
/** Causes of a call that ended as calls do: none given, 16 and 31 of Q.850. */
const ordinary: ReadonlySet<number> = new Set([0, 16, 31]);

/** What an arrow says of a frame: `TXREQ -> 127.0.0.3:4569 #14582`, `HANGUP 17 busy`, `ACK (TXREL)`. */
export function frameLabel(frame: FullFrame, { answers: answered }: Pick<TraceMessage, 'answers'>): string {
  if (frame.command === 'ACK') return answered?.iax === undefined ? 'ACK' : `ACK (${answered.iax.title})`;
  const detail = frame.command === undefined ? '' : (details[frame.command]?.(frame) ?? '');
  const text = frame.type === frameTypes.text ? describeData(frame) : '';
  return [frame.title, detail, text].filter((part) => part !== '').join(' ');
}

export function isAnswerFrame(frame: FullFrame): boolean {
  return isAnswerTitle(frame.title);
}

/** The same by the title of the frame alone. */
export function isAnswerTitle(title: string): boolean {
  return answers.has(title);
}

/** Whether a frame says that something did not work. */
export function isFailureFrame(frame: FullFrame): boolean {
  if (refusals.test(frame.title)) return true;
  return frame.command === 'HANGUP' && !ordinary.has(frame.element('causeCode') ?? 0);
}

/** An ACK says nothing but that its frame has arrived: a ladder may leave it out. */
export function isAcknowledgement({ iax }: Pick<TraceMessage, 'iax'>): boolean {
  return iax?.command === 'ACK';
}

function causeLabel(frame: FullFrame): string {
  const code = frame.element('causeCode');
  const text = frame.element('cause') ?? '';
  const words = text === '' ? (code === undefined || code === 0 ? '' : causeName(code)) : `"${text}"`;
  return [code === undefined ? '' : String(code), words].filter((part) => part !== '').join(' ');
}

function hasToken(frame: FullFrame): boolean {
  return (frame.element('callToken')?.length ?? 0) > 0;
}

function callNumber(frame: FullFrame): string {
  const number = frame.element('callNumber');
  return number === undefined ? '' : ` #${number}`;
}

function nameOfUnknown(frame: FullFrame): string {
  const unknown = frame.element('iaxUnknown');
  return unknown === undefined ? '' : (commandName(unknown) ?? String(unknown));
}

function remark(frame: FullFrame, name: ElementName, before: string): string {
  const value = valueOf(frame, name);
  return value === '' ? '' : `${before}${value}`;
}

/** As people write it, text without quotation marks; empty when the frame has no such element. */
function valueOf(frame: FullFrame, name: ElementName): string {
  const element = frame.find(name);
  if (element === undefined) return '';
  return typeof element.value === 'string' ? element.value : describeElement(element);
}
