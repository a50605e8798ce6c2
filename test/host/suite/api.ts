import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CallLabApi } from '../../../src/vscode/api';
import type { VerbOutcome } from '../../../src/lab';
import type { HostTests } from '../suite-runner';

async function api(): Promise<CallLabApi> {
  const extension = vscode.extensions.getExtension<CallLabApi>('call-lab.call-lab');
  assert.ok(extension, 'call-lab.call-lab is not there');
  return extension.activate();
}

/** What another extension, a task or a keybinding can do. */
export const tests: HostTests = {
  'without a lab, a verb is refused and nothing is asked': async () => {
    const callLab = await api();
    assert.equal(callLab.lab, undefined);
    assert.deepEqual(await callLab.perform('alice place bob'), {
      ok: false,
      text: 'The lab is not running',
      code: 'CL3007',
    });
    const outcome = await vscode.commands.executeCommand<VerbOutcome>('callLab.hold', { phone: 'bob' });
    assert.equal(outcome.code, 'CL3007');
  },
  'a call by the API, and commands with arguments': async () => {
    const callLab = await api();
    let changes = 0;
    const listening = callLab.onDidChange(() => (changes += 1));
    const lab = await callLab.start();
    assert.equal(callLab.lab, lab);
    assert.equal((await callLab.perform('alice place bob')).ok, true);
    await lab.until(() => lab.phone('bob').calls.some(({ state }) => state === 'incoming'));
    assert.equal((await vscode.commands.executeCommand<VerbOutcome>('callLab.answer', { phone: 'bob' })).ok, true);
    assert.equal(
      (await vscode.commands.executeCommand<VerbOutcome>('callLab.hold', 'bob hold alice inactive')).ok,
      true,
    );
    assert.equal(
      (await vscode.commands.executeCommand<VerbOutcome>('callLab.resume', { phone: 'bob', call: 'alice' })).ok,
      true,
    );
    assert.equal((await callLab.perform({ verb: 'dtmf', phone: 'alice', digits: '12#' })).ok, true);
    assert.equal(lab.phone('bob').digits, '12#');
    assert.ok(changes > 0);
    listening.dispose();
  },
  'a wrong argument is refused by name': async () => {
    const outcome = await vscode.commands.executeCommand<VerbOutcome>('callLab.hold', 'bob resume alice');
    assert.equal(outcome.code, 'CL3008');
    assert.match(outcome.text, /says resume/);
    const callLab = await api();
    assert.equal((await callLab.perform('hold')).code, 'CL3008');
    assert.equal((await callLab.perform('dave hold')).code, 'CL3001');
  },
  "the ladder can be exported to a file, and a phone's address copied": async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const target = vscode.Uri.joinPath(folder.uri, '..', `ladder-of-the-test-${process.pid}.mmd`);
    try {
      await vscode.commands.executeCommand('callLab.exportLadder', target);
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(target));
      assert.match(text, /^sequenceDiagram\n {2}participant p0 as alice\n {2}participant p1 as bob\n/);
    } finally {
      await vscode.workspace.fs.delete(target);
    }
    const uri = await vscode.commands.executeCommand<string>('callLab.copyUri', { phone: 'charlie' });
    assert.match(uri, /^sip:charlie@127\.0\.0\.1:\d+$/);
  },
  'the live trace is a read-only document of its language, with an outline': async () => {
    await vscode.commands.executeCommand('callLab.openTrace');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.languageId, 'sip-trace');
    assert.equal(document.uri.scheme, 'call-lab');
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.deepEqual(
      symbols.slice(0, 4).map(({ name }) => name),
      ['INVITE', '180 Ringing (INVITE)', '200 OK (INVITE)', 'ACK'],
    );
    const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>(
      'vscode.executeFoldingRangeProvider',
      document.uri,
    );
    assert.ok(folds.some(({ start }) => start === symbols[0]?.range.start.line));
    const before = document.getText();
    await vscode.commands.executeCommand('type', { text: 'x' });
    assert.equal(document.getText(), before);
  },
  'a trace from a file has the same language': async () => {
    const file = vscode.Uri.file(process.env['CALL_LAB_TRACE'] ?? '');
    const document = await vscode.workspace.openTextDocument(file);
    assert.equal(document.languageId, 'sip-trace');
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      file,
    );
    assert.ok(
      symbols.some(({ name }) => name === '486 Busy Here (INVITE)'),
      symbols.map(({ name }) => name).join(),
    );
  },
  'a message opens by its id, selected; one that is not there does not': async () => {
    const isThere = await vscode.commands.executeCommand<boolean>('callLab.openMessage', { message: 'm1' });
    assert.equal(isThere, true);
    const editor = vscode.window.activeTextEditor;
    assert.match(editor?.document.getText(editor.selection) ?? '', /^== m1 [^]*INVITE sip:bob@[^]*a=sendrecv$/);
    assert.equal(await vscode.commands.executeCommand<boolean>('callLab.openMessage', { message: 'm99999' }), false);
  },
  'a stopped lab has hung up and closed everything': async () => {
    const callLab = await api();
    const { lab } = callLab;
    assert.ok(lab);
    await callLab.stop();
    assert.equal(callLab.lab, undefined);
    assert.deepEqual(await lab.stop(), { sockets: 0, timers: 0, calls: 0 });
    assert.ok(lab.calls.every(({ state }) => state === 'ended'));
  },
};
