import type { SipRequest } from '../message';

/** Two ways to send a telephone key in INFO, neither of them a standard. */
export const infoTypes: readonly string[] = ['application/dtmf-relay', 'application/dtmf'];

/** The key in an INFO: `Signal=5` in dtmf-relay, the key alone in dtmf. */
export function digitOf(info: SipRequest): string | undefined {
  const text = Buffer.from(info.body).toString('latin1');
  const pattern = info.contentType === 'application/dtmf-relay' ? /^Signal[ \t]*=[ \t]*(?<key>[0-9A-D*#])[ \t]*$/imu : /^\s*(?<key>[0-9A-D*#])\s*$/iu;
  return pattern.exec(text)?.groups?.['key']?.toUpperCase();
}
