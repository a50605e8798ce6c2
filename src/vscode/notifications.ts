import * as vscode from 'vscode';
import type { Disposable } from '../core';
import type { LabProblem, TransferAsk, VerbOutcome } from '../lab';
import { type CommandId, specOf } from './commands/table';
import { callFailure, type Notice, transferFailure } from './failures';
import type { LabHost } from './lab/lab-host';
import { remedyOf } from './log';
import { noticeText } from './notice-text';
import { say, sayKnown } from './say';
import type { Settings } from './settings/settings';
import { decisiveMessage } from './trees/nodes';

/** Codes of outcomes that the failed call or transfer tells of itself. */
const toldElsewhere: ReadonlySet<string> = new Set(['CL3005']);
/** Problems that keep a phone from working; the others stand in the log and in the trace. */
const graveProblems: ReadonlySet<string> = new Set(['CL1001', 'CL1002', 'CL1003']);

/**
 * Speaks up where a person is needed, and nowhere else: a call or transfer failed, a phone cannot start, a setting is
 * wrong.
 */
export class Notifications {
  readonly #settings: Settings;
  readonly #given = new Set<string>();
  #isQuiet = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Tells of what goes wrong in a lab, until the result is disposed of. */
  watch(host: LabHost): Disposable {
    const held = [
      host.on('lab', () => this.#given.clear()),
      host.on('call', (call) => this.#tellFailure(callFailure(call), undefined)),
      host.on('transfer', (transfer) => this.#tellFailure(transferFailure(transfer), decisiveMessage(transfer))),
      host.on('asked', (ask) => void this.#ask(ask)),
      host.on('notice', (phone, text) => this.#tellNotice(phone, text)),
      host.on('problem', (problem) => this.#tellProblem(problem)),
    ];
    return { dispose: () => held.forEach((one) => one.dispose()) };
  }

  /** While a scenario plays, failures are part of the play. */
  set quiet(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
  }

  /** What became of a verb that a person asked for, when it is no more than a sentence. */
  tellOutcome({ ok, text, code }: VerbOutcome): void {
    if (ok || (code !== undefined && toldElsewhere.has(code))) return;
    const remedy = code === undefined ? undefined : remedyOf(code);
    void vscode.window.showWarningMessage(noticeText(`Call Lab: ${sentence(text)} ${remedy ?? ''}`.trim()));
  }

  /** The settings have mistakes; what they concern was left out. */
  async tellSettings(problems: readonly string[]): Promise<void> {
    if (problems.length === 0) return;
    await this.#offer(
      say('Call Lab: some settings were left out. {0}', problems.join(' ')),
      sayKnown(specOf('callLab.openSettings').title),
      'callLab.openSettings',
    );
  }

  /** Users without a password: their phones call, and will be refused. */
  async tellMissingPasswords(users: readonly string[]): Promise<void> {
    if (users.length === 0) return;
    const names = users.join(', ');
    const text = users.length === 1 ? say('Call Lab: no password is set for the user {0}.', names) : say('Call Lab: no password is set for the users {0}.', names);
    await this.#offer(text, sayKnown(specOf('callLab.setPassword').title), 'callLab.setPassword');
  }

  #tellFailure(notice: Notice | undefined, message: string | undefined): void {
    if (notice === undefined || this.#isQuiet || this.#given.has(notice.id) || !this.#settings.notifyFailures) return;
    this.#given.add(notice.id);
    if (message === undefined) void this.#offer(notice.text, sayKnown(specOf('callLab.showPanel').title), 'callLab.showLiveLadder');
    else void this.#offer(notice.text, say('Show Message'), 'callLab.openMessage', { message });
  }

  /** A transfer waits for the person's consent. Turning the question away leaves it open: trees and palette have it too. */
  async #ask({ phone, by, target, targetUri, call }: TransferAsk): Promise<void> {
    if (this.#isQuiet) return;
    const [allow, refuse] = [say('Allow'), say('Refuse')];
    const whom = targetUri.includes(target) ? targetUri : `${target} (${targetUri})`;
    const text = say('Call Lab: {0} wants to transfer {1} to {2}.', by, phone, whom);
    const answer = await vscode.window.showInformationMessage(noticeText(text), allow, refuse);
    if (answer === undefined) return;
    const command: CommandId = answer === allow ? 'callLab.allowTransfer' : 'callLab.refuseTransfer';
    await vscode.commands.executeCommand(command, { phone, call });
  }

  /** What a transfer that takes a while is doing: no question, so it takes nobody's attention for long. */
  #tellNotice(phone: string, text: string): void {
    if (!this.#isQuiet) vscode.window.setStatusBarMessage(`Call Lab, ${phone}: ${text}`, 6_000);
  }

  #tellProblem({ phone, code, text }: LabProblem): void {
    if (!graveProblems.has(code)) return;
    const id = `${phone} ${code} ${text}`;
    if (this.#given.has(id)) return;
    this.#given.add(id);
    const whom = phone === '' ? 'Call Lab' : `Call Lab, ${phone}`;
    void this.#offer(`${whom}: ${sentence(text)} ${remedyOf(code) ?? ''}`, sayKnown(specOf('callLab.openSettings').title), 'callLab.openSettings');
  }

  async #offer(text: string, action: string, command: CommandId, argument?: unknown): Promise<void> {
    if ((await vscode.window.showWarningMessage(noticeText(text), action)) === action) {
      await vscode.commands.executeCommand(command, argument);
    }
  }
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}
