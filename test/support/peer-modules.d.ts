/* The peers measured against ship no types for the modules used. */

declare module 'sip' {
  interface Message {
    /** Of a request. */
    readonly uri?: string;
    readonly headers: Readonly<Record<string, unknown>>;
  }
  function parse(text: string): Message | undefined;
  function parseUri(text: string): { readonly host: string } | undefined;
}

declare module 'jssip/lib/Parser' {
  interface Message {
    readonly headers: Readonly<Record<string, readonly unknown[]>>;
    parseHeader(name: string, index?: number): unknown;
    getHeaders(name: string): readonly string[];
  }
  function parseMessage(text: string, userAgent?: unknown): Message | undefined;
}
