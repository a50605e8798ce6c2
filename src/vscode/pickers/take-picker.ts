import * as vscode from 'vscode';
import { CallLabError } from '../../core';
import type { Lab, TakeableCall } from '../../lab';
import type { VerbArguments } from '../commands/verb-arguments';
import { say } from '../say';
import { lasting } from './lasting';

interface Choice {
  readonly phone: string;
  readonly call: TakeableCall;
}

/** `bob rings: alice`, `bob talks to alice`. */
export function takeTitle({ at, peer, isAnswered }: Pick<TakeableCall, 'at' | 'peer' | 'isAnswered'>): string {
  return isAnswered ? say('{0} talks to {1}', at, peer) : say('{0} rings: {1}', at, peer);
}

/**
 * Asks which call shall be picked up, where several ring; and before an answered one is taken over, whether that is meant.
 * Undefined when the person turned away. Throws CL3002 when there is none.
 */
export async function completePickUp(given: VerbArguments, lab: Lab, title: string): Promise<VerbArguments | undefined> {
  const phones = given.phone === undefined ? lab.phones.map(({ name }) => name) : [given.phone];
  const all = phones.flatMap((phone) => lab.takeable(phone).map((call): Choice => ({ phone, call })));
  const fitting = all.filter(({ call: { at, peer } }) => (given.target ?? at) === at && (given.call ?? peer) === peer);
  const chosen = await choose(fitting, title);
  if (chosen === 'none') {
    // Where phone and place are named the lab says best why not.
    if (given.phone !== undefined && given.target !== undefined) return given;
    throw new CallLabError('CL3002', say('No call rings that could be picked up'));
  }
  if (chosen === undefined) return undefined;
  const { phone, call } = chosen;
  const known = { ...given, phone, call: call.peer, target: call.at };
  if (!call.isAnswered || given.barge === true) return known;
  return (await isMeant(call)) ? { ...known, barge: true } : undefined;
}

async function choose(choices: readonly Choice[], title: string): Promise<Choice | 'none' | undefined> {
  const [first, second] = choices;
  if (first === undefined) return 'none';
  if (second === undefined) return first;
  const isOnePhone = choices.every(({ phone }) => phone === first.phone);
  const items = choices.map((choice) => ({
    label: takeTitle(choice.call),
    description: isOnePhone ? '' : say('for {0}', choice.phone),
    detail: choice.call.source === 'watched' ? say('told by its dialog-info') : say('a phone of this lab'),
    iconPath: new vscode.ThemeIcon(choice.call.isAnswered ? 'call-outgoing' : 'bell-dot'),
    choice,
  }));
  const options = { title, placeHolder: say('Which call?'), matchOnDescription: true, ...lasting };
  return (await vscode.window.showQuickPick(items, options))?.choice;
}

async function isMeant(call: TakeableCall): Promise<boolean> {
  const take = say('Take Over');
  const question = say('{0} has answered {1} already. Take the call over?', call.at, call.peer);
  return (await vscode.window.showWarningMessage(question, { modal: true }, take)) === take;
}
