import type { Dialog } from '../dialog';
import type { SipRequest } from '../message';
import type { AgentServices } from './services';

/** Two ways to send a telephone key in INFO, neither of them a standard. */
export const infoTypes: readonly string[] = ['application/dtmf-relay', 'application/dtmf'];

/** The key in an INFO: `Signal=5` in dtmf-relay, the key alone in dtmf. */
export function digitOf(info: SipRequest): string | undefined {
  const text = Buffer.from(info.body).toString('latin1');
  const pattern = info.contentType === 'application/dtmf-relay' ? /^Signal[ \t]*=[ \t]*(?<key>[0-9A-D*#])[ \t]*$/imu : /^\s*(?<key>[0-9A-D*#])\s*$/iu;
  return pattern.exec(text)?.groups?.['key']?.toUpperCase();
}

/** How long a key is said to have been pressed, in milliseconds: what most phones send. */
const pressedFor = 160;

/** Sends a key in an INFO of type `application/dtmf-relay`; `done` is called once, with the reason if it was not taken. */
export function sendInfo(
  { requests }: AgentServices,
  dialog: Dialog,
  digit: string,
  done: (failure: { readonly status: number; readonly reason: string } | undefined) => void,
): void {
  const body = `Signal=${digit}\r\nDuration=${String(pressedFor)}\r\n`;
  requests.send({ dialog, method: 'INFO', headers: [['Content-Type', 'application/dtmf-relay']], body }, {
    onResponse: ({ status, reason }) => {
      if (status >= 200) done(status < 300 ? undefined : { status, reason });
    },
    onTimeout: () => {
      done({ status: 408, reason: 'No answer from the other side' });
    },
    onTransportError: (error) => {
      done({ status: 503, reason: error.message });
    },
  });
}
