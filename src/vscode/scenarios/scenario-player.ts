import path from 'node:path';
import * as vscode from 'vscode';
import { type Clock, describeError } from '../../core';
import { type Lab, formatVerb } from '../../lab';
import {
  describeProblem,
  parseScenario,
  playScenario,
  realEnvironment,
  type Scenario,
  type Step,
} from '../../scenario';
import { createLab } from '../lab/create-lab';
import type { LabHost } from '../lab/lab-host';
import { noticeText } from '../notice-text';
import type { LadderPanels } from '../panel/ladder-panels';
import type { Notifications } from '../notifications';
import { say } from '../say';
import { stepWords } from './step-words';

/** How long a play waits for its audience, in milliseconds. */
const panelPatience = 10_000;

/** What playing a scenario came to. */
export interface PlayResult {
  readonly passed: boolean;
  /** A sentence for each; empty when passed. */
  readonly failures: readonly string[];
}

/** Plays scenario files on the lab of this window, where one can watch; its phones stay up afterwards. */
export class ScenarioPlayer {
  readonly #host: LabHost;
  readonly #panel: LadderPanels;
  readonly #notifications: Notifications;
  readonly #log: vscode.LogOutputChannel;
  readonly #clock: Clock;
  readonly #problems = vscode.languages.createDiagnosticCollection('call-lab-scenarios');
  #playing: AbortController | undefined;

  constructor(options: {
    readonly host: LabHost;
    readonly panel: LadderPanels;
    readonly notifications: Notifications;
    readonly log: vscode.LogOutputChannel;
    readonly clock: Clock;
  }) {
    this.#host = options.host;
    this.#panel = options.panel;
    this.#notifications = options.notifications;
    this.#log = options.log;
    this.#clock = options.clock;
  }

  get isPlaying(): boolean {
    return this.#playing !== undefined;
  }

  /** Plays a file. Undefined when it is no scenario, or another one is being played; the person has then been told. */
  async play(file: vscode.Uri): Promise<PlayResult | undefined> {
    if (this.isPlaying) return undefined;
    const scenario = await this.#read(file);
    if (scenario === undefined) return undefined;
    const playing = new AbortController();
    this.#playing = playing;
    this.#notifications.quiet = true;
    try {
      const result = await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: noticeText(say('Call Lab plays {0}', scenario.name)),
          cancellable: true,
        },
        (progress, token) => {
          token.onCancellationRequested(() => playing.abort());
          return this.#perform(scenario, playing.signal, (text) => progress.report({ message: noticeText(text) }));
        },
      );
      this.#tell(scenario, result);
      return result;
    } finally {
      this.#playing = undefined;
      this.#notifications.quiet = false;
      this.#host.touch();
    }
  }

  /** Ends the play before its time. */
  stop(): void {
    this.#playing?.abort();
  }

  dispose(): void {
    this.stop();
    this.#problems.dispose();
  }

  async #perform(scenario: Scenario, signal: AbortSignal, report: (text: string) => void): Promise<PlayResult> {
    await this.#host.stop();
    this.#panel.show(false);
    // A play is for being watched.
    await this.#panel.whenReady(panelPatience);
    const lab = await this.#host.start(async () => createLab(scenario.phones, scenario.servers));
    const broken = [...lab.servers, ...lab.phones].flatMap(({ name, problem }) =>
      problem === undefined ? [] : [say('{0} could not start: {1}', name, problem)],
    );
    const failures = broken.length > 0 ? broken : await this.#play(scenario, lab, signal, report);
    return { passed: failures.length === 0, failures };
  }

  #play(scenario: Scenario, lab: Lab, signal: AbortSignal, report: (text: string) => void): Promise<readonly string[]> {
    const { patience } = realEnvironment(lab.journal.startedAt);
    const onStep = (step: Step): void => {
      const text = stepWords(step, formatVerb);
      this.#log.info(`scenario ${scenario.name}: ${text}`);
      report(text);
    };
    return playScenario(scenario, { lab, clock: this.#clock, patience, signal, onStep });
  }

  async #read(file: vscode.Uri): Promise<Scenario | undefined> {
    const name = path.posix.basename(file.path);
    try {
      const document = await vscode.workspace.openTextDocument(file);
      const { scenario, problems } = parseScenario(document.getText(), name);
      this.#problems.set(
        file,
        problems.map(({ start, end, message, remedy }) => {
          const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
          const diagnostic = new vscode.Diagnostic(range, `${message} ${remedy}`, vscode.DiagnosticSeverity.Error);
          diagnostic.source = 'Call Lab';
          diagnostic.code = 'CL4002';
          return diagnostic;
        }),
      );
      const [first] = problems;
      if (first !== undefined) void this.#offerProblem(file, describeProblem(first), problems.length - 1);
      return scenario;
    } catch (error) {
      void vscode.window.showWarningMessage(noticeText(say('Call Lab: {0} cannot be read. {1}', name, describeError(error))));
      return undefined;
    }
  }

  async #offerProblem(file: vscode.Uri, text: string, more: number): Promise<void> {
    const open = say('Open File');
    const chosen = await vscode.window.showErrorMessage(
      noticeText(more === 0 ? text : say('{0} And {1} more.', text, more)),
      open,
    );
    if (chosen === open) await vscode.window.showTextDocument(file);
  }

  #tell({ name }: Scenario, { passed, failures }: PlayResult): void {
    if (passed) {
      this.#log.info(`scenario ${name}: passed`);
      void vscode.window.showInformationMessage(noticeText(say('Scenario "{0}" passed: every expectation held.', name)));
      return;
    }
    for (const failure of failures) this.#log.error(`scenario ${name}: ${failure}`);
    void vscode.window.showErrorMessage(noticeText(say('Scenario "{0}" failed: {1}', name, failures.join(' '))));
  }
}
