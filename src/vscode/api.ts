import * as vscode from 'vscode';
import { describeError, type Disposable } from '../core';
import { type Lab, parseVerb, type Verb, type VerbOutcome } from '../lab';
import type { LabHost } from './lab/lab-host';
import type { PlayResult, ScenarioPlayer } from './scenarios/scenario-player';

/** What `activate()` gives to other extensions: `vscode.extensions.getExtension<CallLabApi>('call-lab.call-lab')`. */
export interface CallLabApi {
  /** The running lab, or undefined. */
  readonly lab: Lab | undefined;
  /** Starts the lab unless it runs. */
  start(): Promise<Lab>;
  /** Hangs everything up and closes the sockets. */
  stop(): Promise<void>;
  /** Performs a verb, or a line such as `bob hold alice`. Asks nothing, shows nothing, never rejects. */
  perform(verb: Verb | string): Promise<VerbOutcome>;
  /** Plays a scenario file on the lab of this window. Undefined when it could not be read. */
  runScenario(file: vscode.Uri): Promise<PlayResult | undefined>;
  /** Something about the lab, its phones, calls or transfers has changed. */
  readonly onDidChange: vscode.Event<void>;
}

/** Builds it on the lab of this window. */
export function createApi(host: LabHost, scenarios: ScenarioPlayer): CallLabApi & Disposable {
  const changed = new vscode.EventEmitter<void>();
  const listening = host.on('changed', () => changed.fire());
  return {
    get lab() {
      return host.runningLab;
    },
    start: () => host.start(),
    stop: () => host.stop(),
    perform: (verb) => perform(host, verb),
    runScenario: (file) => scenarios.play(file),
    onDidChange: changed.event,
    dispose: () => {
      listening.dispose();
      changed.dispose();
    },
  };
}

async function perform(host: LabHost, verb: Verb | string): Promise<VerbOutcome> {
  const lab = host.runningLab;
  if (lab === undefined) return { ok: false, text: 'The lab is not running', code: 'CL3007' };
  try {
    return await lab.perform(typeof verb === 'string' ? parseVerb(verb) : verb);
  } catch (error) {
    return { ok: false, text: describeError(error), code: 'CL3008' };
  }
}
