export interface AuthHeader {
  readonly scheme: string;
  /** By name in lower case; of a quoted string what stands between the quotes, escapes kept (RFC 7616 3.4.2, `unq`). */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Reads `scheme name=value, name="value"` (RFC 3261 section 25.1, `challenge` and `credentials`). `undefined` when it
 * does not follow the grammar or names a parameter twice: nothing in it can then be trusted.
 */
export function parseAuthHeader(text: string): AuthHeader | undefined {
  const start = /^\s*([!%'*+\-.^_`|~\w]+)\s+/.exec(text);
  if (start?.[1] === undefined) return undefined;
  const parameters = new Map<string, string>();
  const parameter = /\s*([!%'*+\-.^_`|~\w]+)\s*=\s*(?:"((?:[^"\\]|\\[^])*)"|([^\s",;=]+))\s*(?:,|$)/y;
  parameter.lastIndex = start[0].length;
  const rest = text.trimEnd();
  while (parameter.lastIndex < rest.length) {
    const match = parameter.exec(rest);
    const name = match?.[1]?.toLowerCase();
    if (match === null || name === undefined || parameters.has(name)) return undefined;
    parameters.set(name, match[2] ?? match[3] ?? '');
  }
  return { scheme: start[1].toLowerCase(), parameters };
}

/** The text that a quoted string's content stands for (RFC 3261 section 25.1, `quoted-pair`). */
export function unescapeQuoted(content: string): string {
  return content.replace(/\\([^])/g, '$1');
}

/** A text as the content of a quoted string. */
export function escapeQuoted(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}
