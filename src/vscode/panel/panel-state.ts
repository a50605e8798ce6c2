import path from 'node:path';
import * as vscode from 'vscode';
import { liveTraceUri } from '../trace-editor/live-trace';

/** `Ladder: failed-transfer.siptrace`; of the lab's own trace, what it is called in the lab. */
export function panelTitle(what: string, uri: vscode.Uri, ofLab = what): string {
  return uri.toString() === liveTraceUri.toString() ? ofLab : `${what}: ${path.posix.basename(uri.path)}`;
}

/** The trace that a page says it shows, out of what it kept; the live one where it says nothing that can be read. */
export function sourceIn(state: unknown): vscode.Uri {
  const kept = typeof state === 'object' && state !== null && 'source' in state ? state.source : undefined;
  return sourceUri(kept) ?? liveTraceUri;
}

/** An address as text; undefined for what is none. */
export function sourceUri(text: unknown): vscode.Uri | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return vscode.Uri.parse(text, true);
  } catch {
    return undefined;
  }
}
