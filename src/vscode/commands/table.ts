import type { VerbName } from '../../lab';
import { sayKnown } from '../say';

/** One command, as the manifest declares it. A test holds package.json against this table. */
export interface CommandSpec {
  readonly title: string;
  /** A codicon; for the inline actions and title bars. */
  readonly icon?: string;
  /**
   * When it can act, as a when-clause; always unless given. It is greyed out, or missing from the palette, otherwise.
   */
  readonly when?: string;
  /** Whether the palette offers it; true unless given. The rest is for links, trees and other extensions. */
  readonly inPalette?: boolean;
  /** The verb of the lab it performs. */
  readonly verb?: VerbName;
}

/** Something can be shown: the lab has a trace, or what is active is one. */
const hasTrace = 'callLab.hasMessages || resourceLangId == sip-trace || activeWebviewPanelId =~ /^callLab/ || activeCustomEditorId =~ /^callLab/';

/**
 * Every command of the extension. What each one does is in handlers.ts, which the compiler holds against this table.
 */
export const commandTable = {
  'callLab.start': { title: 'Start Lab', icon: 'play', when: '!callLab.phase || callLab.phase == stopped' },
  'callLab.stop': { title: 'Stop Lab', icon: 'debug-stop', when: 'callLab.phase == running' },
  'callLab.restart': { title: 'Restart Lab', icon: 'debug-restart', when: 'callLab.phase == running' },
  'callLab.showPanel': { title: 'Show Ladder', icon: 'list-tree' },
  'callLab.showLiveLadder': { title: 'Show Ladder of Lab', icon: 'list-tree' },
  'callLab.openLadderOfFile': { title: 'Open Ladder of File...', icon: 'list-tree' },
  'callLab.openLadder': { title: 'Open Another Ladder', icon: 'split-horizontal' },
  'callLab.showDialogMap': { title: 'Show Dialog Map', icon: 'type-hierarchy' },
  'callLab.showTransferState': { title: 'Show State of Transfer', icon: 'git-commit' },
  'callLab.openTrace': { title: 'Open Trace', icon: 'output', when: 'callLab.hasMessages' },
  'callLab.openEarlierTrace': { title: 'Open Earlier Part of Trace', icon: 'history' },
  'callLab.exportLadder': { title: 'Export', icon: 'export', when: hasTrace },
  'callLab.clearLadder': { title: 'Clear Ladder', icon: 'clear-all', when: 'callLab.hasMessages' },
  'callLab.findInLadder': { title: 'Find in Ladder', icon: 'search', when: 'activeWebviewPanelId =~ /Lab.ladder$/ || activeCustomEditorId =~ /^callLab/' },
  'callLab.findInTrace': { title: 'Find in Trace and Ladder', icon: 'search', when: hasTrace },
  'callLab.filterTrace': { title: 'Filter Trace and Ladder', icon: 'filter', when: hasTrace },
  'callLab.nextMatch': { title: 'Next Match in Trace', icon: 'arrow-down', when: 'resourceLangId == sip-trace' },
  'callLab.previousMatch': { title: 'Previous Match in Trace', icon: 'arrow-up', when: 'resourceLangId == sip-trace' },
  'callLab.foldLeftOut': { title: 'Fold What the Filter Leaves Out', icon: 'fold', when: 'resourceLangId == sip-trace' },
  'callLab.copyUri': { title: 'Copy URI', icon: 'copy', when: 'callLab.phase == running' },
  'callLab.runScenario': { title: 'Run Scenario', icon: 'run-all', when: '!callLab.playing' },
  'callLab.stopScenario': { title: 'Stop Scenario', icon: 'debug-stop', when: 'callLab.playing' },
  'callLab.perform': { title: 'Type a Verb', icon: 'terminal', when: 'callLab.phase == running' },
  'callLab.setPassword': { title: 'Set Password', icon: 'key' },
  'callLab.forgetPassword': { title: 'Forget Password', icon: 'trash' },
  'callLab.showLog': { title: 'Show Log' },
  'callLab.openSettings': { title: 'Open Settings', icon: 'gear' },
  'callLab.openMessage': { title: 'Open Message in Trace', icon: 'go-to-file', inPalette: false },

  'callLab.placeCall': { title: 'Place Call', icon: 'call-outgoing', when: 'callLab.can.place', verb: 'place' },
  'callLab.consult': {
    title: 'Place Consultation Call',
    icon: 'comment-discussion',
    when: 'callLab.can.consult',
    verb: 'consult',
  },
  'callLab.answer': { title: 'Answer', icon: 'call-incoming', when: 'callLab.can.answer', verb: 'answer' },
  'callLab.reject': { title: 'Reject', icon: 'circle-slash', when: 'callLab.can.reject', verb: 'reject' },
  'callLab.redirect': { title: 'Redirect', icon: 'reply', when: 'callLab.can.redirect', verb: 'redirect' },
  'callLab.hold': { title: 'Hold', icon: 'debug-pause', when: 'callLab.can.hold', verb: 'hold' },
  'callLab.holdWith': { title: 'Hold with Style', when: 'callLab.can.hold', verb: 'hold' },
  'callLab.resume': { title: 'Resume', icon: 'debug-continue', when: 'callLab.can.resume', verb: 'resume' },
  'callLab.swap': { title: 'Swap', icon: 'arrow-swap', when: 'callLab.can.swap', verb: 'swap' },
  'callLab.register': { title: 'Register', icon: 'sign-in', when: 'callLab.can.register', verb: 'register' },
  'callLab.unregister': { title: 'Unregister', icon: 'sign-out', when: 'callLab.can.unregister', verb: 'unregister' },
  'callLab.sendDtmf': { title: 'Send DTMF', icon: 'record-keys', when: 'callLab.can.dtmf', verb: 'dtmf' },
  'callLab.hangUp': { title: 'Hang Up', icon: 'debug-disconnect', when: 'callLab.can.hangup', verb: 'hangup' },
  'callLab.blindTransfer': {
    title: 'Blind Transfer',
    icon: 'arrow-circle-right',
    when: 'callLab.can.transfer',
    verb: 'transfer',
  },
  'callLab.attendedTransfer': {
    title: 'Attended Transfer',
    icon: 'organization',
    when: 'callLab.can.attendedTransfer',
    verb: 'attended-transfer',
  },
  'callLab.crashPhone': { title: 'Crash Phone', icon: 'zap', when: 'callLab.can.crash', verb: 'crash' },
  'callLab.restartPhone': { title: 'Restart Phone', icon: 'debug-restart', when: 'callLab.can.restart', verb: 'restart' },
  'callLab.pickUp': { title: 'Pick Up', icon: 'arrow-circle-down', when: 'callLab.can.pickUp', verb: 'pick-up' },
  'callLab.watch': { title: 'Watch', icon: 'eye', when: 'callLab.can.watch', verb: 'watch' },
  'callLab.unwatch': { title: 'Unwatch', icon: 'eye-closed', when: 'callLab.can.unwatch', verb: 'unwatch' },
  'callLab.blondeTransfer': {
    title: 'Blonde Transfer (While It Rings)',
    icon: 'call-outgoing',
    when: 'callLab.can.blondeTransfer',
    verb: 'blonde-transfer',
  },
  'callLab.allowTransfer': { title: 'Allow Transfer', icon: 'check', when: 'callLab.can.allowTransfer', verb: 'allow-transfer' },
  'callLab.refuseTransfer': { title: 'Refuse Transfer', icon: 'close', when: 'callLab.can.refuseTransfer', verb: 'refuse-transfer' },
} as const satisfies Readonly<Record<`callLab.${string}`, CommandSpec>>;

export type CommandId = keyof typeof commandTable;

/** The commands that perform a verb. */
export type VerbCommandId = {
  [Id in CommandId]: (typeof commandTable)[Id] extends { readonly verb: VerbName } ? Id : never;
}[CommandId];

export const commandIds = Object.keys(commandTable) as readonly CommandId[];

export function specOf(id: CommandId): CommandSpec {
  return commandTable[id];
}

/** What a question of a command is headed with. */
export function titled(title: string): string {
  return `Call Lab: ${sayKnown(title)}`;
}

/** What the palette calls a verb. */
export function titleOfVerb(verb: VerbName): string {
  return commandIds.map(specOf).find((spec) => spec.verb === verb)?.title ?? verb;
}

/** The context key that says whether some phone can do `verb` now. */
export function contextKeyOf(verb: VerbName): string {
  return `callLab.can.${verb.replace(/-(\w)/gu, (_, letter: string) => letter.toUpperCase())}`;
}
