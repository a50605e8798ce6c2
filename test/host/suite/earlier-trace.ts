import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { parseTrace } from '../../../src/capture';
import type { CallLabApi } from '../../../src/vscode';
import type { HostTests } from '../suite-runner';

const liveTrace = vscode.Uri.parse('call-lab:/live.siptrace');

async function becomes(isSo: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 200 && !isSo(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(isSo(), what);
}

export const tests: HostTests = {
  'a long trace keeps its end, and its beginning opens from a file': async () => {
    await vscode.workspace.getConfiguration('callLab').update('trace.keepMessages', 1_000, vscode.ConfigurationTarget.Global);
    const extension = vscode.extensions.getExtension<CallLabApi>('call-lab.call-lab');
    assert.ok(extension !== undefined);
    const api = await extension.activate();
    const lab = await api.start();
    const document = await vscode.workspace.openTextDocument(liveTrace);
    await vscode.window.showTextDocument(document);
    for (let call = 0; lab.trace.endIndex < 1_400 && call < 400; call += 1) {
      await api.perform('alice place bob');
      await lab.until(() => lab.can('answer', 'bob'));
      await api.perform('bob answer');
      await lab.until(() => lab.can('hold', 'alice'));
      await api.perform('alice hangup');
      await lab.until(() => lab.phone('bob').calls.every(({ state }) => state === 'ended'));
    }
    const { trace } = lab;
    await becomes(() => trace.firstIndex > 0, 'nothing was forgotten');
    await becomes(() => document.lineAt(1).text.startsWith(`# the ${trace.firstIndex} messages before these are in a file: `), `the second line is: ${document.lineAt(1).text}`);
    const [first] = parseTrace(document.getText()).messages;
    assert.equal(first?.id, `m${trace.firstIndex + 1}`);

    await vscode.commands.executeCommand('callLab.openEarlierTrace');
    const opened = vscode.window.activeTextEditor?.document;
    assert.ok(opened !== undefined);
    assert.match(opened.uri.path, /\.siptrace$/u);
    assert.equal(opened.languageId, 'sip-trace');
    const earlier = parseTrace(opened.getText());
    assert.deepEqual(earlier.faults, []);
    assert.deepEqual(earlier.messages.map(({ id }) => id), Array.from({ length: trace.firstIndex }, (_, index) => `m${index + 1}`));
    await api.stop();
    await vscode.workspace.getConfiguration('callLab').update('trace.keepMessages', undefined, vscode.ConfigurationTarget.Global);
  },
};
