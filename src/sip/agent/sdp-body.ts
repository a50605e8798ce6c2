import type { SipMessage } from '../message';
import { sdpContentType } from './services';

/**
 * The session description in a message, or undefined. A body of another type is none, whatever else it says; one that
 * has no type is taken for what it can only be (RFC 3261 section 7.4.1 wants the type).
 */
export function sdpBody(message: SipMessage): Uint8Array | undefined {
  const { body, contentType = sdpContentType } = message;
  return body.length > 0 && contentType === sdpContentType ? body : undefined;
}
