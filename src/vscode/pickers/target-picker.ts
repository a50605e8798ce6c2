import * as vscode from 'vscode';
import type { Lab } from '../../lab';
import { lasting } from './lasting';
import { remember } from './recent';
import { type TargetItem, targetItems } from './target-items';

const memoryKey = 'recentTargets';

const headings: Readonly<Record<TargetItem['group'], string>> = {
  typed: 'typed',
  consulted: 'being consulted',
  phones: 'phones of the lab',
  recent: 'recent',
};

const icons: Readonly<Record<TargetItem['group'], string>> = {
  typed: 'link-external',
  consulted: 'comment-discussion',
  phones: 'device-mobile',
  recent: 'history',
};

interface Item extends vscode.QuickPickItem {
  readonly target: string | undefined;
}

/** Asks for the target of a call: a list to choose from that takes any SIP URI as well, checked while it is typed. */
export class TargetPicker {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** The phone's name or the URI chosen; undefined when the person turned away. */
  async choose(question: {
    readonly title: string;
    readonly placeHolder: string;
    readonly lab: Lab;
    readonly phone: string;
    readonly call: string | undefined;
  }): Promise<string | undefined> {
    const { lab, phone, call } = question;
    const recent = this.#memory.get<readonly string[]>(memoryKey, []);
    const picker = vscode.window.createQuickPick<Item>();
    picker.title = question.title;
    picker.placeholder = question.placeHolder;
    picker.matchOnDescription = true;
    picker.ignoreFocusOut = lasting.ignoreFocusOut;
    const offer = (): void => {
      picker.items = itemsOf(targetItems({ phones: lab.phones, phone, call, recent }, picker.value));
    };
    offer();
    const target = await new Promise<string | undefined>((resolve) => {
      picker.onDidChangeValue(offer);
      picker.onDidAccept(() => {
        const chosen = picker.selectedItems[0]?.target;
        // What is no target stays where it is, with the reason beside it.
        if (chosen !== undefined) resolve(chosen);
      });
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
    picker.dispose();
    const names = lab.phones.map(({ name }) => name);
    if (target !== undefined) await this.#memory.update(memoryKey, remember(recent, target, names));
    return target;
  }
}

function itemsOf(items: readonly TargetItem[]): Item[] {
  let group: TargetItem['group'] | undefined;
  return items.flatMap((item) => {
    const heading =
      item.group === group
        ? []
        : [{ label: headings[item.group], kind: vscode.QuickPickItemKind.Separator, target: undefined }];
    group = item.group;
    const isTyped = item.group === 'typed';
    const icon = item.target === undefined ? 'error' : icons[item.group];
    // What is typed is always shown, though it may not match itself: `sip:` has been added, or it is wrong.
    return [
      ...heading,
      {
        label: item.label,
        description: item.description,
        target: item.target,
        iconPath: new vscode.ThemeIcon(icon),
        alwaysShow: isTyped,
      },
    ];
  });
}
