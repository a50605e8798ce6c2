import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { formatTrace } from '../../../src/capture';
import { Secretary } from '../../unit/trace/iax/frame-script';
import type { HostTests } from '../suite-runner';

/** A supervised transfer whose middle forgot to take the customer off hold. */
async function open(): Promise<vscode.TextDocument> {
  const { text } = formatTrace(new Secretary().request().probe().ready().release().script.model());
  const document = await vscode.workspace.openTextDocument({ language: 'sip-trace', content: text });
  await vscode.window.showTextDocument(document);
  return document;
}

/** Where a pattern first stands. */
function placeOf(document: vscode.TextDocument, pattern: RegExp): vscode.Position {
  const match = pattern.exec(document.getText());
  assert.ok(match !== null, String(pattern));
  return document.positionAt(match.index);
}

function plain(hovers: readonly vscode.Hover[]): string {
  // VS Code escapes blanks and signs of what is no Markdown.
  const text = hovers.flatMap(({ contents }) => contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))).join(' ');
  return text.replaceAll('&nbsp;', ' ').replace(/\\(?=[^\w\s])/gu, '');
}

export const tests: HostTests = {
  'hovers say what an element and an octet are': async () => {
    const document = await open();
    const { uri } = document;
    const hoverAt = async (pattern: RegExp): Promise<string> => plain(await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, placeOf(document, pattern)));
    assert.match(await hoverAt(/APPARENT ADDR/u), /APPARENT ADDR \(18\).*127\.0\.0\.23:4569.*IAX2 reference 2\.5/su);
    assert.match(await hoverAt(/TXREL 3001/u), /TXREL.*No HANGUP follows/su);
  },
  'an ACK leads to its frame, a TXREL to its TXREQ': async () => {
    const document = await open();
    const definitionAt = async (pattern: RegExp): Promise<string> => {
      const [location] = await vscode.commands.executeCommand<vscode.Location[]>('vscode.executeDefinitionProvider', document.uri, placeOf(document, pattern));
      assert.ok(location !== undefined);
      return document.lineAt(location.range.start.line + 1).text.replace(/ .*$/u, '');
    };
    assert.equal(await definitionAt(/TXREL 3001/u), 'TXREQ');
    assert.equal(await definitionAt(/ACK 2654 -> 3001, 43 ms/u), 'QUELCH');
  },
  'references are the frames of the leg, the outline names each': async () => {
    const document = await open();
    const place = placeOf(document, /TXREL 3002/u);
    const references = await vscode.commands.executeCommand<vscode.Location[]>('vscode.executeReferenceProvider', document.uri, place);
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', document.uri);
    assert.ok(references.length > 10 && references.length < symbols.length);
    assert.ok(symbols.some(({ name }) => name === 'TXREADY'));
  },
  'what is wrong is marked on its octets': async () => {
    const document = await open();
    const marksOf = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(document.uri);
    for (let tries = 0; tries < 100 && marksOf().length === 0; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    const mark = marksOf().find(({ code }) => code === 'iax-no-unquelch');
    assert.ok(mark !== undefined, JSON.stringify(marksOf().map(({ code }) => code)));
    assert.equal(document.getText(mark.range), '06 1a');
  },
};
