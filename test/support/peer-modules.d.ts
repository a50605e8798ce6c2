/* The peers measured against ship no types for the modules used. */

declare module 'sip' {
  interface Message {
    /** Of a request. */
    readonly uri?: string;
    readonly headers: Readonly<Record<string, unknown>>;
  }
  function parse(text: string): Message | undefined;
  function parseUri(text: string): { readonly host: string } | undefined;

  interface StackRequest {
    readonly method: string;
    readonly headers: { readonly to: { readonly params: Record<string, string> } };
  }
  interface StackResponse {
    readonly headers: Record<string, unknown>;
    content?: string;
  }
  interface StackOptions {
    readonly address: string;
    readonly port: number;
    readonly tcp: boolean;
    readonly tls: boolean;
  }
  function create(options: StackOptions, onRequest: (request: StackRequest) => void): { send(message: StackResponse): void };
  function makeResponse(request: StackRequest, status: number, reason: string): StackResponse;
}

declare module 'jssip/lib/Parser' {
  interface Message {
    readonly headers: Readonly<Record<string, readonly unknown[]>>;
    parseHeader(name: string, index?: number): unknown;
    getHeaders(name: string): readonly string[];
  }
  function parseMessage(text: string, userAgent?: unknown): Message | undefined;
}
