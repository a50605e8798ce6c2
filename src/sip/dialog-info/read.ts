import { SaxesParser, type SaxesTagNS } from 'saxes';
import {
  type DialogEvent,
  dialogEvents,
  type DialogInfo,
  dialogInfoNamespace,
  type DialogParty,
  type DialogPhase,
  dialogPhases,
  type ObservedDialog,
} from './document';

/** A document that cannot be used, and where. */
export class DialogInfoError extends Error {
  /** From one. */
  readonly line: number;
  /** From one, in UTF-16 units. */
  readonly column: number;

  constructor(why: string, line: number, column: number) {
    super(`${why} (line ${String(line)}, column ${String(column)})`);
    this.name = 'DialogInfoError';
    this.line = line;
    this.column = column;
  }
}

/** Octets of a document; more is refused unread. */
const mostOctets = 65_536;
const mostDialogs = 500;
const deepest = 32;
/** Characters of one value; no URI or tag that we could use is longer. */
const longestText = 2_000;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type DraftParty = Writable<DialogParty>;
interface DraftDialog extends Omit<Writable<ObservedDialog>, 'phase' | 'local' | 'remote' | 'referredBy'> {
  phase?: DialogPhase;
  local?: DraftParty;
  remote?: DraftParty;
  referredBy?: DraftParty;
}

/**
 * Reads a dialog-info document of RFC 4235. Elements and attributes that it does not know are passed over, as the schema
 * asks; a document type, and with it every entity of its own, is refused. Throws a DialogInfoError.
 */
export function parseDialogInfo(octets: Uint8Array): DialogInfo {
  if (octets.length > mostOctets) throw new DialogInfoError(`The document has ${String(octets.length)} octets, more than ${String(mostOctets)}`, 1, 1);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    throw new DialogInfoError('The document is not UTF-8', 1, 1);
  }
  return new DialogInfoReader().read(text);
}

class DialogInfoReader {
  readonly #parser = new SaxesParser({ xmlns: true });
  /** Names of the elements that are open; of foreign ones the namespace too. */
  readonly #path: string[] = [];
  #head: Omit<DialogInfo, 'dialogs'> | undefined;
  readonly #dialogs: ObservedDialog[] = [];
  readonly #ids = new Set<string>();
  #dialog: DraftDialog | undefined;
  #text = '';

  read(text: string): DialogInfo {
    const parser = this.#parser;
    parser.on('error', (error) => this.#fail(error.message.replace(/^\d+:\d+: /u, '')));
    parser.on('doctype', () => this.#fail('A document type has no place here'));
    parser.on('opentag', (tag) => {
      this.#onOpen(tag);
    });
    parser.on('text', (piece) => {
      this.#onText(piece);
    });
    parser.on('cdata', (piece) => {
      this.#onText(piece);
    });
    parser.on('closetag', () => {
      this.#onClose();
    });
    parser.write(text).close();
    if (this.#head === undefined) this.#fail('There is no dialog-info element');
    return { ...this.#head, dialogs: this.#dialogs };
  }

  #onOpen(tag: SaxesTagNS): void {
    // Some notifiers leave the namespace out.
    const isOurs = tag.uri === dialogInfoNamespace || tag.uri === '';
    this.#path.push(isOurs ? tag.local : `{${tag.uri}}${tag.local}`);
    if (this.#path.length > deepest) this.#fail('The elements are nested too deep');
    this.#text = '';
    const get = (name: string): string | undefined => {
      const value = tag.attributes[name]?.value;
      if (value !== undefined && value.length > longestText) this.#fail(`The attribute ${name} is too long`);
      return value;
    };
    switch (this.#path.join(' ')) {
      case 'dialog-info':
        this.#head = this.#readHead(get);
        break;
      case 'dialog-info dialog':
        this.#dialog = this.#readDialog(get);
        break;
      case 'dialog-info dialog state':
        this.#readEvent(get);
        break;
      case 'dialog-info dialog replaces':
        this.#readReplaces(get);
        break;
      case 'dialog-info dialog referred-by':
        this.#party('referredBy', { displayName: get('display') });
        break;
      case 'dialog-info dialog local identity':
        this.#party('local', { displayName: get('display') });
        break;
      case 'dialog-info dialog remote identity':
        this.#party('remote', { displayName: get('display') });
        break;
      case 'dialog-info dialog local target':
        this.#party('local', { target: get('uri') });
        break;
      case 'dialog-info dialog remote target':
        this.#party('remote', { target: get('uri') });
        break;
      default:
        if (this.#path.length === 1) this.#fail(`The document is a ${tag.name}, not a dialog-info`);
    }
  }

  #onText(piece: string): void {
    if (this.#text.length + piece.length > longestText) this.#fail('A text is too long');
    this.#text += piece;
  }

  #onClose(): void {
    const text = this.#text.trim();
    switch (this.#path.join(' ')) {
      case 'dialog-info dialog state':
        this.#readPhase(text);
        break;
      case 'dialog-info dialog referred-by':
        this.#party('referredBy', { identity: text });
        break;
      case 'dialog-info dialog local identity':
        this.#party('local', { identity: text });
        break;
      case 'dialog-info dialog remote identity':
        this.#party('remote', { identity: text });
        break;
      case 'dialog-info dialog':
        this.#closeDialog();
    }
    this.#text = '';
    this.#path.pop();
  }

  #readHead(get: (name: string) => string | undefined): Omit<DialogInfo, 'dialogs'> {
    const version = get('version') ?? this.#fail('dialog-info has no version');
    // An unsigned number; whether it is the next one is for the table to say (RFC 4235 section 4.3).
    if (!/^\d{1,10}$/u.test(version)) this.#fail(`"${version}" is no version`);
    const state = get('state') ?? this.#fail('dialog-info does not say whether its state is full or partial');
    if (state !== 'full' && state !== 'partial') this.#fail(`"${state}" is no state of a document: it is full or partial`);
    return { version: Number(version), state, entity: get('entity') ?? this.#fail('dialog-info has no entity') };
  }

  #readDialog(get: (name: string) => string | undefined): DraftDialog {
    if (this.#dialogs.length >= mostDialogs) this.#fail(`There are more than ${String(mostDialogs)} dialogs`);
    const id = get('id') ?? this.#fail('A dialog has no id');
    if (this.#ids.has(id)) this.#fail(`There are two dialogs with the id "${id}"`);
    this.#ids.add(id);
    const direction = get('direction');
    if (direction !== undefined && direction !== 'initiator' && direction !== 'recipient') this.#fail(`"${direction}" is no direction`);
    const [callId, localTag, remoteTag] = [get('call-id'), get('local-tag'), get('remote-tag')];
    return {
      id,
      ...(callId !== undefined && { callId }),
      ...(localTag !== undefined && { localTag }),
      ...(remoteTag !== undefined && { remoteTag }),
      ...(direction !== undefined && { direction }),
    };
  }

  #readEvent(get: (name: string) => string | undefined): void {
    const dialog = this.#dialog;
    if (dialog === undefined) return;
    // An event of a later standard is no reason to lose the state.
    const event = dialogEvents.find((known) => known === get('event'));
    if (event !== undefined) dialog.event = event satisfies DialogEvent;
    const code = get('code');
    if (code !== undefined && /^[1-6]\d\d$/u.test(code)) dialog.code = Number(code);
  }

  #readPhase(text: string): void {
    const phase = dialogPhases.find((known) => known === text);
    if (phase === undefined) this.#fail(`"${text}" is no state of a dialog: ${dialogPhases.join(', ')}`);
    if (this.#dialog !== undefined) this.#dialog.phase = phase;
  }

  #readReplaces(get: (name: string) => string | undefined): void {
    const [callId, localTag, remoteTag] = [get('call-id'), get('local-tag'), get('remote-tag')];
    if (this.#dialog === undefined || callId === undefined || localTag === undefined || remoteTag === undefined) return;
    this.#dialog.replaces = { callId, localTag, remoteTag };
  }

  #party(which: 'local' | 'remote' | 'referredBy', known: { readonly [Key in keyof DialogParty]: DialogParty[Key] | undefined }): void {
    const dialog = this.#dialog;
    if (dialog === undefined) return;
    const party = (dialog[which] ??= {});
    const { identity, displayName, target } = known;
    if (identity !== undefined && identity !== '') party.identity = identity;
    if (displayName !== undefined && displayName !== '') party.displayName = displayName;
    if (target !== undefined && target !== '') party.target = target;
  }

  #closeDialog(): void {
    const { phase, ...rest } = this.#dialog ?? this.#fail('A dialog ends that did not begin');
    if (phase === undefined) this.#fail(`The dialog "${rest.id}" has no state`);
    this.#dialogs.push({ ...rest, phase });
    this.#dialog = undefined;
  }

  #fail(why: string): never {
    throw new DialogInfoError(why, this.#parser.line, this.#parser.columnIndex + 1);
  }
}
