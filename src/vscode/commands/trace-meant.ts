import * as vscode from 'vscode';
import { sourceUri } from '../panel/panel-state';
import { captureOf, captureScheme } from '../sources/capture-source';
import type { TraceSources } from '../sources/trace-sources';
import { liveTraceUri } from '../trace-editor/live-trace';

interface Surroundings {
  readonly sources: TraceSources;
  readonly panel: { readonly activeSource: vscode.Uri | undefined };
  readonly diagrams: { readonly activeSource: vscode.Uri | undefined };
}

/**
 * The trace that a command is about: the one that its argument names (a file, as the menus of explorer and editors give it, or
 * `{ source }`), the lab's where it names a row of the lab's trees, else that of the panel or the document that has the focus,
 * and the lab's where that is no trace.
 */
export function traceMeant(argument: unknown, { sources, panel, diagrams }: Surroundings): vscode.Uri {
  if (argument instanceof vscode.Uri) return argument.scheme === captureScheme ? captureOf(argument) : argument;
  const { source, kind } = (argument ?? {}) as { readonly source?: unknown; readonly kind?: unknown };
  const named = sourceUri(source);
  if (named !== undefined) return named;
  if (kind !== undefined) return liveTraceUri;
  const { activeTextEditor } = vscode.window;
  const ofDocument = activeTextEditor === undefined ? undefined : sources.uriOf(activeTextEditor.document);
  return panel.activeSource ?? diagrams.activeSource ?? ofDocument ?? liveTraceUri;
}
