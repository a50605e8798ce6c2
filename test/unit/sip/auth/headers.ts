import type { AuthenticatedRequest, HeaderSource } from '../../../../src/sip/auth';

/** A response with just these headers; names in lower case. */
export function responseWith(headers: Readonly<Record<string, readonly string[]>>): HeaderSource {
  return { headerValues: (name) => headers[name.toLowerCase()] ?? [] };
}

export function requestWith(method: string, credentials: readonly string[], body = ''): AuthenticatedRequest {
  return { method, body: Buffer.from(body), ...responseWith({ authorization: credentials }) };
}

/** One parameter of a header value, without its quotes. */
export function parameterOf(value: string, name: string): string | undefined {
  const match = new RegExp(`[ ,]${name}=(?:"([^"]*)"|([^, ]+))`).exec(value);
  return match?.[1] ?? match?.[2];
}
