import * as vscode from 'vscode';
import { type Disposable, type ErrorCode, errorCatalogue } from '../core';
import { labelOf } from '../ladder';
import type { CallInfo } from '../lab';
import type { LabHost } from './lab/lab-host';
import { callState, callTitle, hearingSentence, transferState, transferTitle, watchState } from './trees/words';

/** What happens, as lines of the output channel; each message on the wire at level trace. */
export function logLab(host: LabHost, log: vscode.LogOutputChannel): vscode.Disposable {
  const shown = new Map<string, string>();
  /** Says only what is new: the lab tells of a call or a transfer whenever anything about it changed. */
  const sayOnce = (id: string, text: string): void => {
    if (shown.get(id) === text) return;
    shown.set(id, text);
    log.info(text);
  };
  const held: Disposable[] = [
    host.on('lab', (lab) => {
      shown.clear();
      lab.trace.on('message', (message) => {
        if (message.receivedAt !== undefined && message.sentSeq !== undefined) return;
        log.trace(
          `${lab.trace.nameOf(message.source)} -> ${lab.trace.nameOf(message.destination)}: ${labelOf(message)}`,
        );
      });
    }),
    host.on('state', (state) =>
      log.info(state === 'running' ? `The lab runs: ${addresses(host)}` : 'The lab is stopped.'),
    ),
    host.on('verb', ({ text, outcome, detail }) => {
      if (outcome === 'failed') log.warn(`${text}: ${detail}`);
      else log.info(outcome === 'started' ? text : `${text}: ${detail}`);
    }),
    host.on('call', (call: CallInfo) => sayOnce(call.id, `${call.id}: ${callTitle(call)}, ${callState(call)}`)),
    host.on('hears', (phone, hearing) => log.debug(hearingSentence(phone, hearing))),
    host.on('watch', (phone, info) => sayOnce(`watch ${phone} ${info.target}`, `${phone} sees ${info.target}: ${watchState(info)}`)),
    host.on('digit', (phone, digit) => log.info(`${phone} received the key ${digit}`)),
    host.on('transfer', (transfer) =>
      sayOnce(transfer.id, `${transferTitle(transfer)}: ${transferState(transfer)}. ${transfer.reason}`),
    ),
    host.on('problem', ({ phone, code, text }) =>
      log.warn(`${code} ${phone === '' ? '' : `${phone}: `}${text}. ${remedyOf(code) ?? ''}`.trim()),
    ),
  ];
  return new vscode.Disposable(() => held.forEach((one) => one.dispose()));
}

/** What the catalogue says can be done; undefined for the codes of the SIP parser, which are not in it. */
export function remedyOf(code: string): string | undefined {
  return Object.hasOwn(errorCatalogue, code) ? errorCatalogue[code as ErrorCode].remedy : undefined;
}

function addresses({ lab }: LabHost): string {
  return lab?.phones.map(({ name, uri, problem }) => `${name} ${problem ?? uri}`).join(', ') ?? '';
}
