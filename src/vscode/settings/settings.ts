import * as vscode from 'vscode';
import { defaultPhones } from '../../lab';
import type { HoldStyle } from '../../sip';
import { type LintId, lintRules } from '../../trace';
import { type TraceDetail, traceDetails } from '../trace-editor/detail';
import { checkPhones, type PhoneSettings } from './check-phones';
import { checkServers } from './check-servers';
import type { LabSettings } from './with-passwords';

/** Fewer would not hold what belongs together. */
const leastKept = 1_000;
const defaultKept = 20_000;

/** The section of the settings that are ours. */
export const section = 'callLab';

/**
 * The person's settings, read anew each time. The editor checks them against the manifest's schema; we trust none of
 * it.
 */
export class Settings {
  /** The servers and the phones to start: the default three when no phone is left; and what is wrong with them. */
  get lab(): LabSettings & { readonly problems: readonly string[] } {
    const { servers, problems: ofServers } = checkServers(this.#get('servers'));
    const names = servers.map(({ options }) => options.name);
    const { phones, problems: ofPhones } = checkPhones(this.#get('phones'), names);
    const some =
      phones.length > 0
        ? phones
        : defaultPhones.map((options): PhoneSettings => ({ options, username: undefined, requires: undefined }));
    const { holdStyle } = this;
    return {
      phones: some.map((phone) => ({ ...phone, options: { holdStyle, ...phone.options } })),
      servers,
      problems: [...ofServers, ...ofPhones],
    };
  }

  /** How phones hold that do not say it themselves. */
  get holdStyle(): HoldStyle {
    const style = this.#get('holdStyle');
    return style === 'inactive' || style === 'c0' ? style : 'sendonly';
  }

  get startOnOpen(): boolean {
    return this.#get('startOnOpen') === true;
  }

  /** Whether the panel comes into view when the lab starts. */
  get showPanelOnStart(): boolean {
    return this.#get('panel.showOnStart') !== false;
  }

  /** Whether the trace opens beside it. */
  get showTraceOnStart(): boolean {
    return this.#get('trace.showOnStart') === true;
  }

  /** Whether a new panel keeps its newest row in view. */
  get follow(): boolean {
    return this.#get('panel.follow') !== false;
  }

  /** What stands between the messages of the live trace. */
  get traceDetail(): TraceDetail {
    const detail = this.#get('trace.detail');
    return traceDetails.find((known) => known === detail) ?? 'messages';
  }

  /** How many messages the live trace keeps in memory at least; the rest goes into files. */
  get keepMessages(): number {
    const keep = this.#get('trace.keepMessages');
    return typeof keep === 'number' && Number.isSafeInteger(keep) && keep >= leastKept ? keep : defaultKept;
  }

  /** The failures of the field that are marked in traces. */
  get lints(): ReadonlySet<LintId> {
    if (this.#get('trace.lints') === false) return new Set();
    const off = this.#get('trace.lintsOff');
    const isOff = (id: LintId): boolean => Array.isArray(off) && off.includes(id);
    return new Set(lintRules.flatMap(({ id }) => (isOff(id) ? [] : [id])));
  }

  /** Whether a failed call or transfer is worth a notification. */
  get notifyFailures(): boolean {
    return this.#get('notifyFailures') !== false;
  }

  onChange(listener: (affectsLab: boolean) => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(section)) return;
      listener(['phones', 'servers', 'holdStyle'].some((name) => event.affectsConfiguration(`${section}.${name}`)));
    });
  }

  #get(name: string): unknown {
    return vscode.workspace.getConfiguration(section).get(name);
  }
}
