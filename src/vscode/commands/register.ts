import * as vscode from 'vscode';
import { changedKeys, contextKeys } from './context-keys';
import { commandFactories, type CommandContext } from './handlers';
import { commandIds } from './table';

/** Makes every command of the table known to the editor. */
export function registerCommands(context: CommandContext): vscode.Disposable {
  const registered = commandIds.map((id) => {
    const { enabled, disabled = enabled } = commandFactories[id];
    // Asked at each call: keybindings and other extensions call commands that no menu offers just now.
    const run = (argument: unknown, more: unknown): unknown =>
      (context.host.phase === 'running' ? enabled : disabled)(context)(argument, more);
    return vscode.commands.registerCommand(id, run);
  });
  return vscode.Disposable.from(...registered);
}

/** Keeps the context keys that enable commands. */
export class ContextKeys {
  readonly #context: Pick<CommandContext, 'host' | 'scenarios'>;
  #shown: ReadonlyMap<string, string | boolean> = new Map();

  constructor(context: Pick<CommandContext, 'host' | 'scenarios'>) {
    this.#context = context;
  }

  refresh(): void {
    const { host, scenarios } = this.#context;
    const hasMessages = (host.lab?.trace.messages.length ?? 0) > 0;
    const next = contextKeys({ phase: host.phase, lab: host.lab, hasMessages, isPlaying: scenarios.isPlaying });
    for (const [key, value] of changedKeys(this.#shown, next)) {
      void vscode.commands.executeCommand('setContext', key, value);
    }
    this.#shown = next;
  }
}
