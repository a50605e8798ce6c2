import * as vscode from 'vscode';
import { type OutlineEntry, type Outline, readOutline } from './outline';

/** The language of traces: the live one, and files that end in `.siptrace`. */
export const traceLanguage = 'sip-trace';

const symbolKinds: Readonly<Record<OutlineEntry['kind'], vscode.SymbolKind>> = {
  request: vscode.SymbolKind.Method,
  response: vscode.SymbolKind.Event,
  other: vscode.SymbolKind.String,
};

/** Outline and folding of a trace. */
export function registerTraceLanguage(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerDocumentSymbolProvider(
      traceLanguage,
      { provideDocumentSymbols: symbolsOf },
      { label: 'SIP trace' },
    ),
    vscode.languages.registerFoldingRangeProvider(traceLanguage, { provideFoldingRanges: foldsOf }),
  );
}

export function outlineOf(document: vscode.TextDocument): Outline {
  return readOutline(document.getText().split(/\r?\n/u));
}

/** The lines of a message, from its header to its last character. */
export function rangeOf(
  document: vscode.TextDocument,
  { start, end }: Pick<OutlineEntry, 'start' | 'end'>,
): vscode.Range {
  return new vscode.Range(
    new vscode.Position(start, 0),
    document.lineAt(Math.min(end, document.lineCount - 1)).range.end,
  );
}

function symbolsOf(document: vscode.TextDocument): vscode.DocumentSymbol[] {
  return outlineOf(document).messages.map((message) => {
    const range = rangeOf(document, message);
    const header = document.lineAt(message.start).range;
    return new vscode.DocumentSymbol(message.name, message.detail, symbolKinds[message.kind], range, header);
  });
}

function foldsOf(document: vscode.TextDocument): vscode.FoldingRange[] {
  const { messages, comments } = outlineOf(document);
  return [
    ...messages.map(({ start, end }) => new vscode.FoldingRange(start, end, vscode.FoldingRangeKind.Region)),
    ...comments.map(({ start, end }) => new vscode.FoldingRange(start, end, vscode.FoldingRangeKind.Comment)),
  ];
}
