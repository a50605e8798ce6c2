import * as vscode from 'vscode';
import { specOf } from './commands/table';
import { say, sayKnown } from './say';
import { describeError, type Disposable } from '../core';
import type { LabHost } from './lab/lab-host';
import type { LadderPanels } from './panel/ladder-panels';
import type { ScenarioPlayer } from './scenarios/scenario-player';
import type { Settings } from './settings/settings';
import type { TraceEditor } from './trace-editor/trace-editor';

/** `npm start -- --scenario FILE` hands the file over here. */
const scenarioVariable = 'CALL_LAB_SCENARIO';

interface Parts {
  readonly host: LabHost;
  readonly panel: LadderPanels;
  readonly trace: TraceEditor;
  readonly scenarios: ScenarioPlayer;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
}

/**
 * What the extension does without being asked: on opening, when the lab starts, and when the settings of phones or servers change.
 */
export function startUp(options: Parts): Disposable {
  const { host, panel, trace, settings, log } = options;
  const orLog = (task: Promise<unknown>): void => void task.catch((error: unknown) => log.error(describeError(error)));
  const onStart = host.on('state', (state) => {
    if (state !== 'running') return;
    if (settings.showPanelOnStart) panel.show(false);
    if (settings.showTraceOnStart) orLog(trace.show(false));
  });
  const onSettings = settings.onChange((affectsLab) => {
    if (affectsLab && host.phase === 'running') orLog(offerRestart(host));
  });
  const scenario = process.env[scenarioVariable];
  if (scenario !== undefined && scenario !== '') orLog(perform(vscode.Uri.file(scenario), options));
  else if (settings.startOnOpen) orLog(host.start());
  return vscode.Disposable.from({ dispose: () => onStart.dispose() }, onSettings);
}

/** Plays a scenario with everything in view that tells of it. */
async function perform(file: vscode.Uri, { panel, trace, scenarios }: Parts): Promise<void> {
  panel.show(false);
  await trace.show(false);
  await scenarios.play(file);
}

async function offerRestart(host: LabHost): Promise<void> {
  const restart = sayKnown(specOf('callLab.restart').title);
  const chosen = await vscode.window.showInformationMessage(
    say('The settings of phones or servers have changed. They count when the lab starts next; its calls end then.'),
    restart,
  );
  if (chosen !== restart) return;
  await host.stop();
  await host.start();
}
