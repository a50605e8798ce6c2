import type { LadderOptions, PanelArrow, PanelLint, PanelRow } from '../../../webview/protocol';
import { groupTitle, type LiveRow, type MessageRow, visibleLabel, wordsOf } from '../../ladder';
import type { LintFinding, LintId, TraceMessage, TraceModel } from '../../trace';
import { say } from '../say';
import { hostLanes } from './lanes';

/** Rows of the ladder as the panel takes them. A row that is the same object as before gives the same object. */
export class PanelRows {
  readonly #trace: TraceModel;
  readonly #byHost: boolean;
  readonly #known = new WeakMap<LiveRow, PanelRow>();
  readonly #headings = new Map<string, PanelRow>();
  readonly #findings = new WeakMap<TraceMessage, LintFinding[]>();
  #findingsRead = 0;

  constructor(trace: TraceModel, { byHost }: LadderOptions) {
    this.#trace = trace;
    this.#byHost = byHost;
  }

  convert(rows: readonly LiveRow[], marked: ReadonlySet<LintId>): PanelRow[] {
    const { lints } = this.#trace.series;
    for (const finding of lints.since(this.#findingsRead)) {
      const others = this.#findings.get(finding.message);
      if (others === undefined) this.#findings.set(finding.message, [finding]);
      else others.push(finding);
    }
    this.#findingsRead = lints.total;
    const laneOf = this.#byHost ? hostLanes(this.#trace) : undefined;
    const lane = (id: string): string => laneOf?.get(id) ?? id;
    return rows.map((row) => {
      const known = this.#known.get(row);
      if (known !== undefined) return known;
      const made = this.#make(row, lane, marked);
      this.#known.set(row, made);
      return made;
    });
  }

  /** How a dialog or a transfer is called in the legend. */
  nameOf(id: string): string {
    const dialog = this.#trace.dialogs.find((one) => one.id === id);
    return visibleLabel(groupTitle(this.#trace, dialog?.call?.id ?? id, say));
  }

  #make(row: LiveRow, lane: (id: string) => string, marked: ReadonlySet<LintId>): PanelRow {
    const { at } = row;
    switch (row.kind) {
      case 'message':
        return this.#arrow(row, lane, marked);
      case 'note': {
        const tone = row.tone === 'success' || row.tone === 'failed' ? row.tone : 'plain';
        const id = `${row.messageId ?? ''}/${row.tone}/${row.transferId ?? ''}`;
        return { kind: 'note', id, at, over: row.over.map(lane), words: visibleLabel(row.text), tone, message: row.messageId };
      }
      case 'stream': {
        const id = `voice/${row.from}/${row.to}/${row.at}`;
        const goesOn = row.until === undefined;
        return { kind: 'stream', id, at, from: lane(row.from), to: lane(row.to), words: visibleLabel(row.text), goesOn };
      }
      case 'heading': {
        const words = visibleLabel(row.text);
        const known = this.#headings.get(row.id);
        if (known?.kind === 'heading' && known.words === words) return known;
        const made: PanelRow = { kind: 'heading', id: row.id, at, words };
        this.#headings.set(row.id, made);
        return made;
      }
    }
  }

  #arrow(row: MessageRow, lane: (id: string) => string, marked: ReadonlySet<LintId>): PanelArrow {
    const message = this.#trace.message(row.messageId);
    const found = message === undefined ? [] : (this.#findings.get(message) ?? []);
    const lints = found.filter(({ id }) => marked.has(id)).map(lintOf);
    return {
      kind: 'message',
      id: row.messageId,
      from: lane(row.from),
      to: lane(row.to),
      arrow: row.arrow,
      words: visibleLabel(wordsOf(row)),
      tone: this.#toneOf(row),
      at: row.at,
      dialog: row.dialogId ?? row.callId,
      transfer: row.transferIds.at(-1),
      ...(lints.length > 0 && { lints }),
      ...(row.folded > 0 && { folded: row.folded }),
      ...(row.retransmissionOf !== undefined && { repeats: row.retransmissionOf }),
    };
  }

  #toneOf({ messageId, arrow, isError }: MessageRow): PanelArrow['tone'] {
    const message = this.#trace.message(messageId);
    if (message === undefined || message.error !== undefined) return 'broken';
    const { sip } = message;
    if (sip?.kind !== 'response') return isError ? 'failure' : arrow === 'response' ? 'success' : 'request';
    if (sip.status < 200) return 'provisional';
    if (sip.status < 300) return 'success';
    return sip.status < 400 ? 'redirect' : 'failure';
  }
}

function lintOf({ id, text }: LintFinding): PanelLint {
  return { id, text };
}
