import * as vscode from 'vscode';
import type { Lab, VerbName } from '../../lab';
import { say } from '../say';
import { lasting } from './lasting';
import { remember } from './recent';
import { type TargetItem, targetItems } from './target-items';

const memoryKey = 'recentTargets';

const headings: Readonly<Record<TargetItem['group'], string>> = {
  chosen: 'chosen so far',
  typed: 'typed',
  consulted: 'being consulted',
  phones: 'phones of the lab',
  recent: 'recent',
};

const icons: Readonly<Record<TargetItem['group'], string>> = {
  chosen: 'check',
  typed: 'link-external',
  consulted: 'comment-discussion',
  phones: 'device-mobile',
  recent: 'history',
};

interface Item extends vscode.QuickPickItem {
  readonly targets: readonly string[] | undefined;
}

interface Question {
  readonly title: string;
  readonly placeHolder: string;
  readonly verb: VerbName;
  readonly lab: Lab;
  readonly phone: string;
  readonly call: string | undefined;
}

/** Chooses a line, and goes on asking. */
function andThen(): vscode.QuickInputButton {
  return { iconPath: new vscode.ThemeIcon('add'), tooltip: say('And Then Another') };
}

/** Asks for the target of a call: a list to choose from that takes any SIP URI as well, checked while it is typed. */
export class TargetPicker {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** The phone's name or the URI chosen; undefined when the person turned away. */
  async choose(question: Question): Promise<string | undefined> {
    return (await this.#ask(question, false))?.[0];
  }

  /** One or more, in the order in which they were chosen; undefined when the person turned away. */
  chooseSeveral(question: Question): Promise<readonly string[] | undefined> {
    return this.#ask(question, true);
  }

  async #ask({ title, placeHolder, verb, lab, phone, call }: Question, isForSeveral: boolean): Promise<readonly string[] | undefined> {
    const recent = this.#memory.get<readonly string[]>(memoryKey, []);
    const picker = vscode.window.createQuickPick<Item>();
    picker.title = title;
    picker.placeholder = placeHolder;
    picker.matchOnDescription = true;
    picker.ignoreFocusOut = lasting.ignoreFocusOut;
    let chosen: readonly string[] = [];
    const offer = (): void => {
      const source = { verb, phones: lab.phones, phone, call, recent, chosen: isForSeveral ? chosen : undefined };
      picker.items = itemsOf(targetItems(source, picker.value), chosen, isForSeveral);
    };
    offer();
    const targets = await new Promise<readonly string[] | undefined>((resolve) => {
      picker.onDidChangeValue(offer);
      picker.onDidTriggerItemButton(({ item }) => {
        chosen = item.targets ?? chosen;
        picker.value = '';
        offer();
      });
      picker.onDidAccept(() => {
        const accepted = picker.selectedItems[0]?.targets;
        // What is no target stays where it is, with the reason beside it.
        if (accepted !== undefined) resolve(accepted);
      });
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
    picker.dispose();
    const names = lab.phones.map(({ name }) => name);
    const known = (targets ?? []).reduce((list, target) => remember(list, target, names), recent);
    if (known !== recent) await this.#memory.update(memoryKey, known);
    return targets;
  }
}

/** `before` are the targets chosen already: each line stands for them and its own. */
function itemsOf(items: readonly TargetItem[], before: readonly string[], isForSeveral: boolean): Item[] {
  let group: TargetItem['group'] | undefined;
  return items.flatMap((item) => {
    const heading =
      item.group === group
        ? []
        : [{ label: headings[item.group], kind: vscode.QuickPickItemKind.Separator, targets: undefined }];
    group = item.group;
    const isTyped = item.group === 'typed';
    const icon = item.target === undefined ? 'error' : icons[item.group];
    // What is typed is always shown, though it may not match itself: `sip:` has been added, or it is wrong.
    return [
      ...heading,
      {
        label: item.label,
        description: item.description,
        targets: targetsOf(item, before),
        iconPath: new vscode.ThemeIcon(icon),
        alwaysShow: isTyped,
        ...(isForSeveral && item.target !== undefined && item.group !== 'chosen' && { buttons: [andThen()] }),
      },
    ];
  });
}

function targetsOf({ group, target, targets }: TargetItem, before: readonly string[]): readonly string[] | undefined {
  if (target === undefined) return undefined;
  return group === 'chosen' ? before : [...before, ...(targets ?? [target])];
}
