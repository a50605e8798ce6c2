import * as vscode from 'vscode';
import { describeError, type Disposable } from '../core';
import type { LabHost } from './lab/lab-host';
import type { LadderPanel } from './panel/ladder-panel';
import type { ScenarioPlayer } from './scenarios/scenario-player';
import type { Settings } from './settings/settings';

/** `npm start -- --scenario FILE` hands the file over here. */
const scenarioVariable = 'CALL_LAB_SCENARIO';

/** What the extension does without being asked: on opening, when the lab starts, and when the phones' settings change. */
export function startUp(options: {
  readonly host: LabHost;
  readonly panel: LadderPanel;
  readonly scenarios: ScenarioPlayer;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
}): Disposable {
  const { host, panel, scenarios, settings, log } = options;
  const onStart = host.on('state', (state) => {
    if (state === 'running' && settings.showPanelOnStart) panel.show(false);
  });
  const onSettings = settings.onChange((affectsPhones) => {
    if (affectsPhones && host.phase === 'running') void offerRestart(host);
  });
  const scenario = process.env[scenarioVariable];
  if (scenario !== undefined && scenario !== '') scenarios.play(vscode.Uri.file(scenario)).catch((error: unknown) => log.error(describeError(error)));
  else if (settings.startOnOpen) host.start().catch((error: unknown) => log.error(describeError(error)));
  return vscode.Disposable.from({ dispose: () => onStart.dispose() }, onSettings);
}

async function offerRestart(host: LabHost): Promise<void> {
  const restart = 'Restart Lab';
  const chosen = await vscode.window.showInformationMessage('The settings of the phones have changed. They count when the lab starts next; its calls end then.', restart);
  if (chosen !== restart) return;
  await host.stop();
  await host.start();
}
