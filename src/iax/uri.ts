/** `iax2:user@host:port/number?context` (RFC 5456 section 5.1). */
export interface IaxUri {
  readonly username: string | undefined;
  /** An IPv6 address without brackets, an IPv4 address, or a name. */
  readonly host: string;
  readonly port: number;
  /** Whom to call there; undefined means the host's own choice. */
  readonly number: string | undefined;
  readonly context: string | undefined;
}

/** The registered port of IAX2. */
const defaultIaxPort = 4569;

/** Longer ones are no URI that anybody typed. */
const longest = 1_024;

const pattern = /^iax2?:(?:(?<username>[^@/?[\]]+)@)?(?:\[(?<ipv6>[\da-f:.]+)\]|(?<host>[^@/?:[\]\s]+))(?::(?<port>\d{1,5}))?(?:\/(?<number>[^?/]*)(?:\?(?<context>.*))?)?$/iu;

/** Reads a URI of the scheme `iax2:`, or `iax:` as the RFC has it; undefined for anything else. */
export function parseIaxUri(text: string): IaxUri | undefined {
  const groups = text.length > longest ? undefined : pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const [username, number, context] = [groups['username'], groups['number'], groups['context']].map(unescape);
  const port = Number(groups['port'] ?? defaultIaxPort);
  const host = groups['ipv6'] ?? groups['host'];
  if (host === undefined || port < 1 || port > 65_535 || [username, number, context].includes(null)) return undefined;
  return { username: username || undefined, host, port, number: number || undefined, context: context || undefined };
}

/** The port is always written: in a lab it is seldom the registered one. */
export function formatIaxUri({ username, host, port, number, context }: IaxUri): string {
  const user = username === undefined ? '' : `${escape(username)}@`;
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const query = context === undefined ? '' : `?${escape(context)}`;
  return `iax2:${user}${place}${number === undefined && query === '' ? '' : `/${escape(number ?? '')}`}${query}`;
}

/** Null for an escape that stands for no character. */
function unescape(text: string | undefined): string | undefined | null {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Telephone keys stay readable. */
function escape(text: string): string {
  // A lone surrogate has no UTF-8.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/%2B/gu, '+').replace(/%23/gu, '#');
}
