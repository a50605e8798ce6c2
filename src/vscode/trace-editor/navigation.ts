import * as vscode from 'vscode';
import { parseTrace } from '../../capture';
import { decodeFrame, FullFrame, IaxFrameError } from '../../iax';
import type { TraceMessage } from '../../trace';
import { hoverAt } from './iax-hover';
import { messageAtLine } from './outline';
import { outlineOf, traceLanguage } from './providers';
import { definitionOf, relativesOf, type TraceIndex } from './trace-index';
import type { TraceIndexes } from './trace-indexes';

/** Hovers, go to definition and find references in traces. */
export function registerTraceNavigation(indexes: TraceIndexes): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerHoverProvider(traceLanguage, { provideHover }),
    vscode.languages.registerDefinitionProvider(traceLanguage, {
      provideDefinition: (document, position) => {
        const index = indexes.of(document);
        const message = index?.messageAt(position.line);
        const definition = message === undefined ? undefined : definitionOf(message);
        return definition === undefined ? undefined : locationOf(document, index, definition);
      },
    }),
    vscode.languages.registerReferenceProvider(traceLanguage, {
      provideReferences: (document, position) => {
        const index = indexes.of(document);
        const message = index?.messageAt(position.line);
        if (index === undefined || message === undefined) return [];
        return relativesOf(message, index.model).flatMap((other) => locationOf(document, index, other) ?? []);
      },
    }),
  );
}

function provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const entry = messageAtLine(outlineOf(document), position.line);
  if (entry === undefined || position.line === entry.start) return undefined;
  const block = document.getText(new vscode.Range(entry.start, 0, entry.end + 1, 0));
  const [message] = parseTrace(block).messages;
  if (message?.transport !== 'iax2') return undefined;
  const hover = hoverAt({ iax: frameOf(message.bytes), bytes: message.bytes }, { line: position.line - entry.start - 1, column: position.character });
  if (hover === undefined) return undefined;
  // Names and values are a stranger's: appendText lets none of them be Markdown.
  const text = new vscode.MarkdownString();
  text.appendMarkdown('**').appendText(hover.title).appendMarkdown('**');
  if (hover.value !== '') text.appendText(`: ${hover.value}`);
  text.appendMarkdown('\n\n').appendText(hover.text).appendMarkdown('\n\n').appendText(hover.rule);
  return new vscode.Hover(text, new vscode.Range(position.line, hover.startColumn, position.line, hover.endColumn));
}

function frameOf(bytes: Uint8Array): FullFrame | undefined {
  try {
    const frame = decodeFrame(bytes);
    return frame instanceof FullFrame ? frame : undefined;
  } catch (error) {
    if (error instanceof IaxFrameError) return undefined;
    throw error;
  }
}

function locationOf(document: vscode.TextDocument, index: TraceIndex | undefined, message: TraceMessage): vscode.Location | undefined {
  const lines = index?.linesOf(message);
  return lines === undefined ? undefined : new vscode.Location(document.uri, new vscode.Position(lines.start, 0));
}
