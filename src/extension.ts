import * as vscode from 'vscode';
import { DisposableStore, RealClock } from './core';
import {
  Asker,
  CaptureEditor,
  captureScheme,
  captureViewType,
  type CallLabApi,
  ContextKeys,
  createApi,
  DiagramPanels,
  Exporter,
  keepFresh,
  LabHost,
  labFromSettings,
  LadderPanels,
  ladderViewType,
  LiveSource,
  LiveTrace,
  logLab,
  Notifications,
  Passwords,
  QueryMarks,
  registerCommands,
  registerTraceLanguage,
  registerTraceNavigation,
  ScenarioPlayer,
  Settings,
  SharedQueries,
  speak,
  startUp,
  StatusBar,
  TargetPicker,
  TraceArchive,
  TraceDiagnostics,
  TraceEditor,
  TraceIndexes,
  traceScheme,
  TraceSources,
  Trees,
} from './vscode';

/**
 * Builds the parts of the extension and joins them. VS Code calls twice; what the end needs of the beginning is held
 * here.
 */
class Extension {
  readonly #held = new DisposableStore();
  #host: LabHost | undefined;

  activate(context: vscode.ExtensionContext): CallLabApi {
    speak(vscode.l10n.bundle ?? {});
    const keep = <T extends { dispose(): unknown }>(part: T): T => {
      this.#held.add({ dispose: () => void part.dispose() });
      return part;
    };
    const clock = new RealClock();
    const log = keep(vscode.window.createOutputChannel('Call Lab', { log: true }));
    const settings = new Settings();
    const passwords = new Passwords(context.secrets);
    const notifications = new Notifications(settings);
    const host = keep(new LabHost(() => labFromSettings({ settings, passwords, notifications })));
    this.#host = host;
    keep(notifications.watch(host));
    keep(logLab(host, log));

    const archive = keep(new TraceArchive({ host, settings, log, storage: context.storageUri ?? context.globalStorageUri }));
    const liveTrace = keep(new LiveTrace(host, clock, settings, archive));
    const indexes = new TraceIndexes();
    const sources = keep(new TraceSources(new LiveSource(host, liveTrace), clock, indexes));
    const queries = keep(new SharedQueries());
    const panel = keep(new LadderPanels({ host, settings, queries, log, clock, archive, extensionUri: context.extensionUri }, sources));
    const diagrams = keep(new DiagramPanels({ host, log, clock, extensionUri: context.extensionUri }, sources));
    const trace = keep(new TraceEditor(sources, panel));
    keep(new TraceDiagnostics(host, liveTrace, settings, clock, indexes));
    const trees = keep(new Trees(host));
    keep(trees.onDidChoose((chosen) => panel.choose(chosen)));
    const marks = keep(new QueryMarks(sources, queries, clock));
    const scenarios = keep(new ScenarioPlayer({ host, panel, notifications, log, clock }));
    const exporter = new Exporter({ clock, extensionUri: context.extensionUri });
    const asker = new Asker(new TargetPicker(context.workspaceState));
    const commands = { host, panel, diagrams, sources, queries, marks, trace, trees, archive, exporter, asker, scenarios, notifications, settings, passwords, log };
    const views = [new ContextKeys(commands), trees, keep(new StatusBar(host))];

    keep(registerCommands(commands));
    keep(registerTraceLanguage());
    keep(registerTraceNavigation(indexes));
    keep(vscode.workspace.registerTextDocumentContentProvider(traceScheme, liveTrace));
    keep(vscode.workspace.registerTextDocumentContentProvider(captureScheme, sources));
    keep(vscode.window.registerWebviewPanelSerializer(ladderViewType, panel));
    keep(vscode.window.registerCustomEditorProvider(captureViewType, new CaptureEditor(panel), { supportsMultipleEditorsPerDocument: true }));
    keep(keepFresh(host, clock, views));
    // Which failures are marked is a setting.
    keep(settings.onChange(() => panel.refresh()));
    keep(startUp({ host, panel, trace, scenarios, settings, log }));
    return keep(createApi(host, scenarios));
  }

  /** VS Code waits a few seconds for this: time enough to hang up and be answered. */
  async deactivate(): Promise<void> {
    await this.#host?.stop();
    this.#held.dispose();
  }
}

const extension = new Extension();

/** Called by VS Code when the extension is first needed. */
export function activate(context: vscode.ExtensionContext): CallLabApi {
  return extension.activate(context);
}

/** Called by VS Code before the extension host ends. */
export function deactivate(): Promise<void> {
  return extension.deactivate();
}
