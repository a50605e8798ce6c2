import * as vscode from 'vscode';
import { readQuery } from '../../ladder';
import { problemsOf } from '../panel/query-problems';
import { lasting } from '../pickers/lasting';
import { say } from '../say';
import type { SharedQueries } from '../sources/shared-queries';
import type { TraceSources } from '../sources/trace-sources';
import type { QueryMarks } from '../trace-editor/query-marks';
import { specOf, titled } from './table';

/** What the commands of search and filter act on. */
export interface QueryContext {
  readonly sources: TraceSources;
  readonly queries: SharedQueries;
  readonly marks: QueryMarks;
}

/** Looks for something in a trace, in its text and its ladder alike: for what the argument says, or what is typed. */
export async function findInTrace({ queries, marks, sources }: QueryContext, uri: vscode.Uri, argument: unknown): Promise<void> {
  const search = textIn(argument, 'search') ?? (await ask(titled(specOf('callLab.findInTrace').title), say('Find in the text and in the ladder'), queries.of(uri).search));
  if (search === undefined) return;
  queries.set(uri, { search }, undefined);
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || search === '' || sources.uriOf(editor.document)?.toString() !== uri.toString()) return;
  await sources.find(uri)?.whenRead();
  marks.go(editor, 1);
}

/** Shows a part of a trace alone, in its ladder, and dims the rest in its text; where that has the focus, the rest is folded. */
export async function filterTrace({ queries, marks, sources }: QueryContext, uri: vscode.Uri, argument: unknown): Promise<void> {
  const filter = textIn(argument, 'filter') ?? (await ask(titled(specOf('callLab.filterTrace').title), say('Show these alone; nothing typed shows everything'), queries.of(uri).filter));
  if (filter === undefined) return;
  queries.set(uri, { filter }, undefined);
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || sources.uriOf(editor.document)?.toString() !== uri.toString()) return;
  await sources.find(uri)?.whenRead();
  await marks.fold(editor);
}

/** Goes to a match in the text that has the focus; where nothing is looked for, asks for what. */
export async function goToMatch(context: QueryContext, uri: vscode.Uri, step: 1 | -1): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return;
  if (!context.marks.go(editor, step)) await findInTrace(context, uri, undefined);
}

/** Folds what the filter leaves out of the text that has the focus. */
export async function foldLeftOut({ marks }: QueryContext): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor !== undefined) await marks.fold(editor);
}

function textIn(argument: unknown, name: string): string | undefined {
  const value: unknown = typeof argument === 'object' && argument !== null ? Reflect.get(argument, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function ask(title: string, prompt: string, value: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    ...{ title, prompt, value, ...lasting },
    placeHolder: say('Words, method:REFER, status:4xx, from:alice, -OPTIONS'),
    validateInput: (text) => {
      const [problem] = problemsOf(readQuery(text).problems);
      if (problem === undefined) return undefined;
      // Told, and not refused: what is wrong is left out.
      return { message: `${text.slice(problem.start, problem.end)}: ${problem.text}`, severity: vscode.InputBoxValidationSeverity.Warning };
    },
  });
}
