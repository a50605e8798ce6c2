import path from 'node:path';
import * as vscode from 'vscode';
import { describeError } from '../../core';
import type { TraceModel } from '../../trace';
import { say } from '../say';
import { drawPicture, type PictureParts } from './draw-picture';
import { type ExportChoice, exportChoices, type ExportFormat, exportText, type FormatChoice, formatChoices } from './export-choice';

interface ExportOptions {
  /** Of the file that the trace is in; empty for the lab's own. */
  readonly name: string;
  /** Where to; asked for when undefined. */
  readonly target: vscode.Uri | undefined;
}

/** Copies and saves what a trace shows, with its secrets masked. */
export class Exporter {
  readonly #parts: PictureParts;

  constructor(parts: PictureParts) {
    this.#parts = parts;
  }

  /**
   * Exports what the person chooses, or the whole ladder to a file that is given, in the form of its ending. Where it went;
   * undefined when it was copied or the person turned away.
   */
  async run(model: TraceModel, options: ExportOptions & { readonly selected: readonly string[] }): Promise<vscode.Uri | undefined> {
    const choices = exportChoices(model, options.selected);
    const choice = options.target === undefined ? await this.#pick(say('Export: What'), choices) : choices[0];
    if (choice === undefined) return undefined;
    const format = options.target === undefined ? await this.#pick(say('Export: How'), formatChoices(choice.diagram)) : ({ format: formatOf(options.target), to: 'file', label: '' } as const);
    return format === undefined ? undefined : this.#export(model, choice, format, options);
  }

  async #pick<Choice extends vscode.QuickPickItem>(title: string, choices: readonly Choice[]): Promise<Choice | undefined> {
    return vscode.window.showQuickPick(choices, { title: `Call Lab: ${title}`, matchOnDescription: true });
  }

  async #export(model: TraceModel, choice: ExportChoice, { format, to }: FormatChoice, { name, target: given }: ExportOptions): Promise<vscode.Uri | undefined> {
    const text = exportText({ model, title: titleOf(choice, name), scope: choice.scope }, choice.diagram, format);
    // Where to is asked first: a picture takes its time.
    const target = to === 'clipboard' ? undefined : (given ?? (await this.#askWhere(choice, format, name)));
    if (to === 'file' && target === undefined) return undefined;
    try {
      const bytes = format === 'svg' || format === 'png' ? await this.#draw(text, format) : new TextEncoder().encode(text);
      if (target === undefined) {
        await vscode.env.clipboard.writeText(new TextDecoder().decode(bytes));
        vscode.window.setStatusBarMessage(`Copied: ${choice.label}`, 3_000);
      } else {await vscode.workspace.fs.writeFile(target, bytes);}
    } catch (error) {
      void vscode.window.showErrorMessage(say('Call Lab: the export failed: {0}', describeError(error)));
      return undefined;
    }
    return target;
  }

  async #draw(diagram: string, format: 'svg' | 'png'): Promise<Uint8Array> {
    const progress = { location: vscode.ProgressLocation.Notification, title: say('Call Lab: drawing the picture'), cancellable: true };
    return vscode.window.withProgress(progress, (_, cancel) => drawPicture(this.#parts, { diagram, format }, cancel));
  }

  async #askWhere({ label }: ExportChoice, format: ExportFormat, ofFile: string): Promise<vscode.Uri | undefined> {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = `${ofFile === '' ? '' : `${ofFile}-`}${label.toLowerCase().replace(/[^a-z\d]+/gu, '-')}.${format}`;
    return vscode.window.showSaveDialog({
      title: say('Export {0}', label),
      filters: { [formatNames[format]]: [format] },
      ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    });
  }
}

const formatNames: Readonly<Record<ExportFormat, string>> = { mmd: 'Mermaid', md: 'Markdown', html: 'Page', svg: 'SVG', png: 'PNG' };

/** By the ending of the file; Mermaid where that says nothing. */
function formatOf({ path: file }: vscode.Uri): ExportFormat {
  const ending = path.posix.extname(file).slice(1).toLowerCase();
  return ending in formatNames ? (ending as ExportFormat) : 'mmd';
}

/** `name` is that of a file; empty for the lab's own trace. */
function titleOf({ label, description }: ExportChoice, name: string): string {
  if (name !== '') return `${name}: ${label.toLowerCase()}${description === '' ? '' : `, ${description}`}`;
  return description === '' ? `Call Lab: ${label.toLowerCase()}` : `${label}: ${description}`;
}
