/*
 * What a transport must know of a message without reading it as SIP. Only its first octets are looked at, so that a large
 * message costs no more than a small one.
 */

const farEnough = 2_048;

/** Nothing but line ends: a keep-alive (RFC 5626 section 4.4.1). */
export function isPing(bytes: Uint8Array): boolean {
  return bytes.length <= 64 && bytes.every((octet) => octet === 0x0d || octet === 0x0a);
}

/** A request that waits for an answer. An ACK waits for none, and a response has been the answer. */
export function isRepeatable(bytes: Uint8Array): boolean {
  const start = beginning(bytes, 8);
  return !start.startsWith('SIP/2.0') && !start.startsWith('ACK ');
}

/** The name a WebSocket client gives itself in its top Via, when it is one that leads nowhere (RFC 7118 section 5.2). */
export function viaOfNobody(bytes: Uint8Array): string | undefined {
  const via = /^(?:via|v)[ \t]*:[ \t]*SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*WSS?[ \t]+(?<host>[\w.-]+\.invalid)\b/imu;
  return via.exec(beginning(bytes, farEnough))?.groups?.['host']?.toLowerCase();
}

/** Whether a request is one that starts something: it is not in a dialog, and takes back nothing. */
export function startsSomething(bytes: Uint8Array): boolean {
  const start = beginning(bytes, farEnough);
  if (start.startsWith('SIP/2.0') || start.startsWith('ACK ') || start.startsWith('CANCEL ')) return false;
  return !/^(?:to|t)[ \t]*:[^\r\n]*;[ \t]*tag[ \t]*=/imu.test(start);
}

function beginning(bytes: Uint8Array, length: number): string {
  const { buffer, byteOffset } = bytes;
  return Buffer.from(buffer, byteOffset, Math.min(bytes.length, length)).toString('latin1');
}
