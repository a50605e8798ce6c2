import * as vscode from 'vscode';
import { CallLabError } from '../../core';
import type { CallInfo, Lab, PhoneInfo, Verb, VerbName } from '../../lab';
import type { HoldStyle } from '../../sip';
import { specOf, titled, titleOfVerb } from '../commands/table';
import { completeVerb, needsCall, type VerbArguments } from '../commands/verb-arguments';
import { say } from '../say';
import { callState, callTitle, phoneState, watchState } from '../trees/words';
import { lasting } from './lasting';
import { completePickUp } from './take-picker';
import type { TargetPicker } from './target-picker';
import { targetQuestion } from './target-questions';

/** Asks a person for what a verb needs and was not told. What admits of one answer only is not asked. */
export class Asker {
  readonly #targets: TargetPicker;

  constructor(targets: TargetPicker) {
    this.#targets = targets;
  }

  /** The whole verb; undefined when the person turned away. Throws CL3002 when no phone has a call to act on. */
  async complete(verb: VerbName, given: VerbArguments, lab: Lab): Promise<Verb | undefined> {
    let known = given;
    if (verb === 'pick-up') {
      const chosen = await completePickUp(given, lab, titleOf(verb));
      if (chosen === undefined) return undefined;
      known = chosen;
    }
    if (needsCall(verb) && given.call === undefined) {
      const chosen = await this.#chooseCall(verb, given.phone, lab);
      if (chosen === undefined) return undefined;
      known = { ...known, ...chosen };
    }
    for (;;) {
      const next = completeVerb(verb, known);
      if (typeof next !== 'string') return next;
      const isForSeveral = verb === 'redirect' && next === 'target';
      const answer = isForSeveral ? await this.#targets.chooseSeveral(question(verb, known, lab)) : await this.#ask(next, verb, known, lab);
      if (answer === undefined) return undefined;
      known = { ...known, [isForSeveral ? 'targets' : next]: answer };
    }
  }

  /** One of the phones; asked for only when there are several. */
  async choosePhone(phones: readonly PhoneInfo[], title: string): Promise<string | undefined> {
    const [first, second] = phones;
    if (second === undefined) return first?.name;
    const items = phones.map((phone) => ({
      label: phone.name,
      description: phoneState(phone),
      detail: phone.uri,
      iconPath: new vscode.ThemeIcon('device-mobile'),
    }));
    return (
      await vscode.window.showQuickPick(items, {
        title,
        placeHolder: say('Which phone?'),
        matchOnDescription: true,
        matchOnDetail: true,
        ...lasting,
      })
    )?.label;
  }

  async chooseStyle(): Promise<HoldStyle | undefined> {
    const items: readonly (vscode.QuickPickItem & { readonly label: HoldStyle })[] = [
      { label: 'sendonly', description: say('the held party may get a hold tone (RFC 3264 section 8.4)') },
      { label: 'inactive', description: say('no media either way') },
      { label: 'c0', description: say('c=0.0.0.0, as phones did it by RFC 2543') },
    ];
    return (
      await vscode.window.showQuickPick(items, {
        title: titled(specOf('callLab.holdWith').title),
        placeHolder: say('How shall the phone hold?'),
        ...lasting,
      })
    )?.label;
  }

  #ask(what: keyof VerbArguments, verb: VerbName, known: VerbArguments, lab: Lab): Promise<string | undefined> {
    switch (what) {
      case 'phone':
        return this.choosePhone(
          lab.phones.filter(({ name }) => lab.can(verb, name)),
          titleOf(verb),
        );
      case 'target':
        if (verb === 'unwatch') return chooseWatched(known.phone ?? '', lab);
        return this.#targets.choose(question(verb, known, lab));
      default:
        return askDigits(titleOf(verb));
    }
  }

  /** The call to act on, with its phone. Where the phone named has none, nothing: the lab says best why not. */
  async #chooseCall(verb: VerbName, phone: string | undefined, lab: Lab): Promise<VerbArguments | undefined> {
    const phones = phone === undefined ? lab.phones.map(({ name }) => name) : [phone];
    const able = phones.flatMap((name) => lab.candidates(verb, name));
    const [first, second] = able;
    if (first === undefined) {
      if (phone === undefined) throw new CallLabError('CL3002', say('No phone has a call to {0} now', verb));
      return {};
    }
    if (second === undefined) return { phone: first.phone, call: first.id };
    const items = able.map((call) => ({
      label: callTitle(call),
      description: callState(call),
      iconPath: new vscode.ThemeIcon(call.direction === 'incoming' ? 'call-incoming' : 'call-outgoing'),
      call,
    }));
    const options = { title: titleOf(verb), placeHolder: say('Which call?'), matchOnDescription: true, ...lasting };
    const chosen: { readonly call: CallInfo } | undefined = await vscode.window.showQuickPick(items, options);
    return chosen === undefined ? undefined : { phone: chosen.call.phone, call: chosen.call.id };
  }
}

function titleOf(verb: VerbName): string {
  return titled(titleOfVerb(verb));
}

function question(verb: VerbName, { phone = '', call }: VerbArguments, lab: Lab): Parameters<TargetPicker['choose']>[0] {
  return { title: titleOf(verb), placeHolder: targetQuestion(verb), verb, lab, phone, call };
}

/** One of those that the phone watches; asked for only when there are several. */
async function chooseWatched(phone: string, lab: Lab): Promise<string | undefined> {
  const watches = lab.phone(phone).watches;
  const [first, second] = watches;
  if (second === undefined) return first?.target;
  const items = watches.map((watch) => ({ label: watch.target, description: watchState(watch), iconPath: new vscode.ThemeIcon('eye') }));
  return (await vscode.window.showQuickPick(items, { title: titleOf('unwatch'), placeHolder: say('Whom to watch no longer?'), ...lasting }))?.label;
}

async function askDigits(title: string): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt: say('The keys to press'),
    placeHolder: '123#',
    ...lasting,
    validateInput: (text) => (/^[0-9A-D*#]+$/iu.test(text) ? undefined : say('Use the keys 0-9, *, # and A-D.')),
  });
}
