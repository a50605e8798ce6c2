import * as vscode from 'vscode';
import { CallLabError, describeError } from '../../core';
import { formatVerb, type Lab, parseVerb, type Verb, type VerbName, type VerbOutcome } from '../../lab';
import type { Exporter } from '../exporting/exporter';
import type { LabHost } from '../lab/lab-host';
import { noticeText } from '../notice-text';
import type { Notifications } from '../notifications';
import type { DiagramPanels } from '../panel/diagram-panels';
import type { LadderPanels } from '../panel/ladder-panels';
import { sourceUri } from '../panel/panel-state';
import type { Asker } from '../pickers/asker';
import type { ScenarioPlayer } from '../scenarios/scenario-player';
import { say, sayKnown } from '../say';
import { chooseScenario } from '../scenarios/choose-scenario';
import { askPassword, forgetPassword } from '../settings/ask-password';
import type { Passwords } from '../settings/passwords';
import { section, type Settings } from '../settings/settings';
import { chooseTraces } from '../sources/choose-trace';
import type { TraceSource } from '../sources/trace-source';
import { isTraceFile, type TraceSources } from '../sources/trace-sources';
import { liveTraceUri } from '../trace-editor/live-trace';
import type { SharedQueries } from '../sources/shared-queries';
import type { QueryMarks } from '../trace-editor/query-marks';
import type { TraceEditor } from '../trace-editor/trace-editor';
import type { TraceArchive } from '../trace-archive/trace-archive';
import type { Trees } from '../trees/trees';
import { filterTrace, findInTrace, foldLeftOut, goToMatch } from './query-commands';
import { type CommandId, specOf, titled, type VerbCommandId } from './table';
import { traceMeant } from './trace-meant';
import { readVerbArguments } from './verb-arguments';

/** What the commands act on. */
export interface CommandContext {
  readonly host: LabHost;
  readonly panel: LadderPanels;
  readonly diagrams: DiagramPanels;
  readonly sources: TraceSources;
  readonly queries: SharedQueries;
  readonly marks: QueryMarks;
  readonly trace: TraceEditor;
  readonly trees: Trees;
  readonly archive: TraceArchive;
  readonly exporter: Exporter;
  readonly asker: Asker;
  readonly scenarios: ScenarioPlayer;
  readonly notifications: Notifications;
  readonly settings: Settings;
  readonly passwords: Passwords;
  readonly log: vscode.LogOutputChannel;
}

type Handler = (argument: unknown, more?: unknown) => unknown;

/** What a command does, and what it does instead when it needs a running lab and there is none. */
export interface CommandFactory {
  readonly enabled: (context: CommandContext) => Handler;
  readonly disabled?: (context: CommandContext) => Handler;
}

/** Every command of the table; the compiler says when one is missing. */
export const commandFactories: Readonly<Record<CommandId, CommandFactory>> = {
  'callLab.start': {
    enabled:
      ({ host }) =>
      () =>
        host.start().then(() => undefined),
  },
  'callLab.stop': {
    enabled:
      ({ host }) =>
      () =>
        host.stop(),
    disabled: () => () => undefined,
  },
  'callLab.restart': {
    enabled:
      ({ host }) =>
      async () => {
        await host.stop();
        await host.start();
      },
  },
  'callLab.showPanel': {
    enabled: (context) => (argument) => context.panel.show(true, traceMeant(argument, context)),
  },
  'callLab.showLiveLadder': {
    enabled:
      ({ panel }) =>
      () =>
        panel.show(true),
  },
  'callLab.openLadderOfFile': { enabled: openLadderOfFile },
  'callLab.openLadder': {
    enabled: (context) => (argument) => context.panel.openAnother(traceMeant(argument, context)),
  },
  'callLab.showDialogMap': {
    enabled: (context) => (argument) => context.diagrams.showMap(traceMeant(argument, context)),
  },
  'callLab.showTransferState': {
    enabled: (context) => (argument) => context.diagrams.showTransfer(traceMeant(argument, context), transferOf(argument)),
  },
  'callLab.openTrace': { enabled: openTrace },
  'callLab.openEarlierTrace': {
    enabled:
      ({ archive }) =>
      () =>
        archive.open(),
  },
  'callLab.openMessage': { enabled: openMessage },
  'callLab.exportLadder': { enabled: exportLadder },
  'callLab.clearLadder': {
    enabled:
      ({ panel }) =>
      () =>
        panel.clear(),
  },
  'callLab.findInLadder': {
    enabled:
      ({ panel }) =>
      () =>
        panel.find(),
  },
  'callLab.findInTrace': { enabled: (context) => (argument) => findInTrace(context, traceMeant(argument, context), argument) },
  'callLab.filterTrace': { enabled: (context) => (argument) => filterTrace(context, traceMeant(argument, context), argument) },
  'callLab.nextMatch': { enabled: (context) => (argument) => goToMatch(context, traceMeant(argument, context), 1) },
  'callLab.previousMatch': { enabled: (context) => (argument) => goToMatch(context, traceMeant(argument, context), -1) },
  'callLab.foldLeftOut': { enabled: (context) => () => foldLeftOut(context) },
  'callLab.copyUri': { enabled: copyUri, disabled: offerStart },
  'callLab.runScenario': { enabled: runScenario },
  'callLab.stopScenario': {
    enabled:
      ({ scenarios }) =>
      () =>
        scenarios.stop(),
  },
  'callLab.setPassword': {
    enabled:
      ({ settings, passwords }) =>
      () =>
        askPassword(settings, passwords),
  },
  'callLab.forgetPassword': {
    enabled:
      ({ settings, passwords }) =>
      () =>
        forgetPassword(settings, passwords),
  },
  'callLab.showLog': {
    enabled:
      ({ log }) =>
      () =>
        log.show(),
  },
  'callLab.openSettings': {
    enabled: () => () => vscode.commands.executeCommand('workbench.action.openSettings', section),
  },
  'callLab.perform': { enabled: typeVerb, disabled: offerStart },
  'callLab.placeCall': verbCommand('callLab.placeCall'),
  'callLab.consult': verbCommand('callLab.consult'),
  'callLab.answer': verbCommand('callLab.answer'),
  'callLab.reject': verbCommand('callLab.reject'),
  'callLab.redirect': verbCommand('callLab.redirect'),
  'callLab.hold': verbCommand('callLab.hold'),
  'callLab.holdWith': { enabled: holdWith, disabled: offerStart },
  'callLab.resume': verbCommand('callLab.resume'),
  'callLab.swap': verbCommand('callLab.swap'),
  'callLab.register': verbCommand('callLab.register'),
  'callLab.unregister': verbCommand('callLab.unregister'),
  'callLab.sendDtmf': verbCommand('callLab.sendDtmf'),
  'callLab.hangUp': verbCommand('callLab.hangUp'),
  'callLab.blindTransfer': verbCommand('callLab.blindTransfer'),
  'callLab.attendedTransfer': verbCommand('callLab.attendedTransfer'),
  'callLab.crashPhone': verbCommand('callLab.crashPhone'),
  'callLab.restartPhone': verbCommand('callLab.restartPhone'),
  'callLab.pickUp': verbCommand('callLab.pickUp'),
  'callLab.watch': verbCommand('callLab.watch'),
  'callLab.unwatch': verbCommand('callLab.unwatch'),
  'callLab.blondeTransfer': verbCommand('callLab.blondeTransfer'),
  'callLab.allowTransfer': verbCommand('callLab.allowTransfer'),
  'callLab.refuseTransfer': verbCommand('callLab.refuseTransfer'),
};

function verbCommand(id: VerbCommandId): CommandFactory {
  const { verb } = specOf(id);
  if (verb === undefined) throw new Error(`${id} names no verb`);
  return { enabled: (context) => (argument) => askAndPerform(context, verb, argument), disabled: offerStart };
}

/** Completes the verb with the person's help and performs it. The outcome; undefined when the person turned away. */
async function askAndPerform(
  context: CommandContext,
  verb: VerbName,
  argument: unknown,
): Promise<VerbOutcome | undefined> {
  const lab = context.host.runningLab;
  if (lab === undefined) return offerStart(context)();
  try {
    const given = readVerbArguments(verb, argument);
    const whole = typeof argument === 'string' ? parseVerb(argument) : await context.asker.complete(verb, given, lab);
    return whole === undefined ? undefined : await perform(context, lab, whole);
  } catch (error) {
    return refuse(context, error);
  }
}

/** Performs a verb for a person: with its progress in the status bar, and told of where it failed. */
async function perform({ notifications }: CommandContext, lab: Lab, verb: Verb): Promise<VerbOutcome> {
  const progress = { location: vscode.ProgressLocation.Window, title: formatVerb(verb) };
  const outcome = await vscode.window.withProgress(progress, () => lab.perform(verb));
  notifications.tellOutcome(outcome);
  return outcome;
}

function refuse({ notifications }: CommandContext, error: unknown): VerbOutcome {
  if (!(error instanceof CallLabError)) throw error;
  const outcome: VerbOutcome = { ok: false, text: error.message, code: error.code };
  notifications.tellOutcome(outcome);
  return outcome;
}

/** Instead of a verb: without a running lab there is nothing to act on. */
function offerStart({ host }: CommandContext): () => VerbOutcome {
  return () => {
    const text = say('The lab is not running');
    const start = sayKnown(specOf('callLab.start').title);
    void vscode.window.showWarningMessage(say('Call Lab: the lab is not running.'), start).then(async (chosen) => {
      if (chosen === start) await host.start();
    });
    return { ok: false, text, code: 'CL3007' };
  };
}

function holdWith(context: CommandContext): Handler {
  return async (argument) => {
    const style = await context.asker.chooseStyle();
    if (style === undefined) return undefined;
    const given = typeof argument === 'object' && argument !== null ? argument : {};
    return askAndPerform(context, 'hold', { ...given, style });
  };
}

/** One line, such as `bob transfer alice to charlie`: from the argument, or typed. */
function typeVerb(context: CommandContext): Handler {
  return async (argument) => {
    const lab = context.host.runningLab;
    const line = typeof argument === 'string' ? argument : await askVerbLine(lab);
    if (line === undefined || lab === undefined) return undefined;
    try {
      return await perform(context, lab, parseVerb(line));
    } catch (error) {
      return refuse(context, error);
    }
  };
}

function askVerbLine(lab: Lab | undefined): Thenable<string | undefined> {
  const [first = 'alice', second = 'bob'] = lab?.phones.map(({ name }) => name) ?? [];
  return vscode.window.showInputBox({
    title: titled(specOf('callLab.perform').title),
    prompt: say('A phone, what it does, and with whom, in the words of the scenario files'),
    placeHolder: `${first} place ${second}`,
    validateInput: (text) => {
      try {
        parseVerb(text);
        return undefined;
      } catch (error) {
        return describeError(error);
      }
    },
  });
}

/** Takes files, as the explorer gives them (the one that was clicked, and all that are selected), or asks. */
function openLadderOfFile({ panel }: CommandContext): Handler {
  return async (clicked, selected) => {
    const given = Array.isArray(selected) ? selected.filter((one) => one instanceof vscode.Uri) : [];
    const files = given.length > 0 ? given : clicked instanceof vscode.Uri ? [clicked] : await chooseTraces();
    for (const file of files) panel.show(true, file);
  };
}

/** The text of a trace: of the lab's, unless `{ source }` names another. */
function openTrace({ trace, sources }: CommandContext): Handler {
  return async (argument) => {
    await withSource(sources, namedSource(argument) ?? liveTraceUri, (source) => trace.show(true, source));
  };
}

/**
 * Takes `{ message, focus, source }`: from a panel, from a row of the transfers, or from another extension. Without a source the
 * lab's trace is meant. Gives whether the message is there.
 */
function openMessage({ trace, trees, sources }: CommandContext): Handler {
  return async (argument) => {
    const { message, focus } = (argument ?? {}) as { readonly message?: unknown; readonly focus?: unknown };
    if (typeof message !== 'string') return false;
    const uri = namedSource(argument) ?? liveTraceUri;
    if (uri.toString() === liveTraceUri.toString()) void trees.select(message);
    return (await withSource(sources, uri, (source) => trace.showMessage(message, focus !== false, source))) ?? false;
  };
}

function namedSource(argument: unknown): vscode.Uri | undefined {
  return sourceUri(((argument ?? {}) as { readonly source?: unknown }).source);
}

/** Does something with a trace that was read; says why where that fails. */
async function withSource<Result>(sources: TraceSources, uri: vscode.Uri, use: (source: TraceSource) => Promise<Result>): Promise<Result | undefined> {
  const source = sources.open(uri);
  try {
    await source.whenRead();
    return await use(source);
  } catch (error) {
    void vscode.window.showErrorMessage(noticeText(`Call Lab: ${source.words === '' ? describeError(error) : source.words}`));
    return undefined;
  } finally {
    sources.release(source);
  }
}

/** Takes a row of the transfers, or `{ transfer: 'x1' }`; of anything else, the newest transfer is meant. */
function transferOf(argument: unknown): string {
  const { transfer } = (argument ?? {}) as { readonly transfer?: unknown };
  if (typeof transfer === 'string') return transfer;
  const { id } = (transfer ?? {}) as { readonly id?: unknown };
  return typeof id === 'string' ? id : '';
}

/**
 * Takes a file to write to, or asks what is to be exported, and how. Of the trace that the argument names as `{ source }`, or
 * that has the focus.
 */
function exportLadder(context: CommandContext): Handler {
  const { sources, trace, exporter } = context;
  return async (argument) => {
    // A trace is nothing to write to, whoever names it here.
    const target = argument instanceof vscode.Uri && !isTraceFile(argument) ? argument : undefined;
    return withSource(sources, traceMeant(target === undefined ? argument : undefined, context), async (source) => {
      const model = source.trace;
      if (model !== undefined && model.messages.length > 0) return exporter.run(model, { name: source.name, selected: trace.selectedMessages(source), target });
      if (source.words !== '') void vscode.window.showWarningMessage(noticeText(`Call Lab: ${source.words}`));
      return undefined;
    });
  };
}

/** Takes `{ phone }`, or `{ uri }` as the rows of servers have it, or asks. */
function copyUri({ host, asker }: CommandContext): Handler {
  return async (argument) => {
    const phones = host.runningLab?.phones ?? [];
    const { phone: named, uri } = (argument ?? {}) as { readonly phone?: unknown; readonly uri?: unknown };
    if (typeof uri === 'string') return copy(uri);
    const name = typeof named === 'string' ? named : await asker.choosePhone(phones, titled(specOf('callLab.copyUri').title));
    const phone = phones.find((one) => one.name === name);
    if (phone === undefined) return undefined;
    return copy(phone.uri);
  };
}

async function copy(uri: string): Promise<string> {
  await vscode.env.clipboard.writeText(uri);
  vscode.window.setStatusBarMessage(say('Copied {0}', uri), 3_000);
  return uri;
}

/** Takes the file's address, as the explorer's and the editor's menus give it, or asks. */
function runScenario({ scenarios }: CommandContext): Handler {
  return async (argument) => {
    const file = argument instanceof vscode.Uri ? argument : await chooseScenario();
    return file === undefined ? undefined : scenarios.play(file);
  };
}
