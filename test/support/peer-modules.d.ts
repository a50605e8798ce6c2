/* The peers measured against ship no types for the modules used. */

declare module 'sip' {
  interface Message {
    /** Of a request. */
    readonly uri?: string;
    readonly headers: Readonly<Record<string, unknown>>;
  }
  function parse(text: string): Message | undefined;
  function parseUri(text: string): { readonly host: string } | undefined;

  interface StackAddress {
    readonly uri: string;
    readonly params: Record<string, string>;
  }
  interface StackHeaders {
    to: StackAddress;
    from: StackAddress;
    'call-id': string;
    cseq: { readonly method: string; readonly seq: number };
    via: unknown[];
    contact?: readonly { readonly uri: string }[];
    'refer-to'?: { readonly uri: string };
    [name: string]: unknown;
  }
  interface StackRequest {
    readonly method: string;
    readonly uri: string;
    readonly headers: StackHeaders;
    content?: string;
  }
  interface StackResponse {
    readonly status: number;
    readonly headers: StackHeaders;
    content?: string;
  }
  interface StackOptions {
    readonly address: string;
    readonly port: number;
    readonly tcp: boolean;
    readonly tls: boolean;
  }
  interface Stack {
    send(message: StackResponse): void;
    send(message: StackRequest, onResponse?: (response: StackResponse) => void): void;
  }
  function create(options: StackOptions, onRequest: (request: StackRequest) => void): Stack;
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
