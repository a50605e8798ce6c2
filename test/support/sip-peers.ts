import { parse as parseWithSip, parseUri as parseUriWithSip } from 'sip';
import { parseMessage as parseWithJsSip } from 'jssip/lib/Parser';
import { Parser } from 'sip.js/lib/core/messages/parser.js';

/** Parses one message and touches every header of it; returns a number that depends on all it saw. */
export type TouchEveryHeader = (text: string) => number;

const silent = { warn: ignore, error: ignore } as unknown as Parameters<typeof Parser.parseMessage>[1];

function ignore(): void {}

function refuse(peer: string): never {
  throw new Error(`${peer} refuses a sample that every parser must read`);
}

/**
 * `sip` decodes the headers it knows while parsing, but for some leaves the URIs as text: those are decoded here, so that
 * every parser does the same work.
 */
export const touchWithSip: TouchEveryHeader = (text) => {
  const message = parseWithSip(text) ?? refuse('sip');
  const hostLength = (uri: string): number => parseUriWithSip(uri)?.host.length ?? 0;
  let seen = message.uri === undefined ? 0 : hostLength(message.uri);
  for (const [name, value] of Object.entries(message.headers)) {
    seen += name.length;
    if (name === 'from' || name === 'to') seen += hostLength((value as Address).uri);
    if (name === 'contact') for (const { uri } of value as readonly Address[]) seen += hostLength(uri);
  }
  return seen;
};

interface Address {
  readonly uri: string;
}

/** JsSIP decodes while parsing, except for Route and for the Vias below the first, which are decoded when asked for. */
export const touchWithJsSip: TouchEveryHeader = (text) => {
  const message = parseWithJsSip(text, {}) ?? refuse('jssip');
  let seen = 0;
  for (const [name, values] of Object.entries(message.headers)) seen += name.length + values.length;
  for (let index = 0; index < message.getHeaders('via').length; index += 1) seen += message.parseHeader('via', index) === undefined ? 0 : 1;
  if (message.getHeaders('route').length > 0) seen += message.parseHeader('route') === undefined ? 0 : 1;
  return seen;
};

/** SIP.js is like JsSIP, but has no grammar for Route: it gets away with its text. */
export const touchWithSipJs: TouchEveryHeader = (text) => {
  const message = Parser.parseMessage(text, silent) ?? refuse('sip.js');
  let seen = 0;
  for (const name of Object.keys(message.headers)) seen += name.length + message.getHeaders(name).length;
  for (let index = 0; index < message.getHeaders('via').length; index += 1) seen += message.parseHeader('via', index) === undefined ? 0 : 1;
  return seen;
};
