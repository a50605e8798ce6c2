import * as vscode from 'vscode';
import type { CommandId } from './commands/table';
import type { LabHost } from './lab/lab-host';
import { say } from './say';
import { isLive } from './trees/words';

/** The lab's state and the calls that are up, always in view; a click shows the panel. */
export class StatusBar implements vscode.Disposable {
  readonly #host: LabHost;
  readonly #item: vscode.StatusBarItem;

  constructor(host: LabHost) {
    this.#host = host;
    this.#item = vscode.window.createStatusBarItem('callLab.state', vscode.StatusBarAlignment.Left, 50);
    this.#item.name = 'Call Lab';
    this.#item.command = 'callLab.showLiveLadder' satisfies CommandId;
    this.refresh();
    this.#item.show();
  }

  refresh(): void {
    const { text, tooltip } = this.#words();
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: tooltip };
  }

  dispose(): void {
    this.#item.dispose();
  }

  #words(): { readonly text: string; readonly tooltip: string } {
    const { phase, lab } = this.#host;
    if (phase === 'starting' || phase === 'stopping') {
      return { text: '$(sync~spin) Call Lab', tooltip: phase === 'starting' ? say('Call Lab is starting') : say('Call Lab is stopping') };
    }
    if (phase === 'stopped' || lab === undefined) {
      return { text: `$(circle-outline) ${say('Call Lab: stopped')}`, tooltip: say('Call Lab is stopped. Click to show the ladder.') };
    }
    const callIds = new Set(lab.calls.filter(isLive).map((call) => call.callId || call.id));
    const works = ({ problem }: { readonly problem: string | undefined }): boolean => problem === undefined;
    const phones = lab.phones.filter(works).length;
    const broken = [...lab.phones, ...lab.servers].filter((one) => !works(one)).length;
    const calls = callIds.size === 0 ? say('no calls') : callIds.size === 1 ? say('1 call') : say('{0} calls', callIds.size);
    const working = say('Call Lab runs: {0} phones, {1}.', phones, calls);
    const notWorking = broken === 0 ? [] : [say('{0} could not start.', broken)];
    return {
      text: `$(call-outgoing) Call Lab: ${calls}${broken === 0 ? '' : ' $(warning)'}`,
      tooltip: [working, ...notWorking, say('Click to show the ladder.')].join(' '),
    };
  }
}
