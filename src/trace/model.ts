import { type Disposable, DisposableStore, Emitter, finish, type Milliseconds, type Steps } from '../core';
import { formatAddress, type SocketAddress } from '../net';
import { parseMessage, SipParseError } from '../sip';
import type { TraceCall, TraceDialog } from './call';
import { type CallChange, CallTable } from './call-table';
import { Chronicle } from './chronicle';
import { type Correlator, type CorrelatorContext, correlators } from './correlator';
import { Directory, type Participant } from './directory';
import { Hearing } from './hearing';
import { Horizon } from './horizon';
import { IaxSockets, IaxTrace, type TraceLeg, tryDecode } from './iax';
import { Intake, type Vantage } from './intake';
import type { Journal, JournalEntry, PacketEntry, ProblemEntry } from './journal';
import { Jury } from './jury';
import { Linter, type LintFinding } from './lint';
import { type MediaStream, TraceMedia } from './media';
import { MessageRecord, readFacts, type TraceMessage, type TracePacket } from './message';
import { isKeepAlive, looksLikeSip, StreamTable } from './recognise';
import type { TraceEvents, TraceNote, TraceSeries, TraceTimeout } from './series';
import { SubscriptionTable, type TraceSubscription } from './subscription';
import { type TraceTransaction, TransactionTable } from './transaction';
import type { Transfer } from './transfer';
import { TransferRecord } from './transfer-record';
import { Wishes } from './wishes';

export interface TraceOptions {
  /**
   * How long media may take to follow the signalling, and missing signalling to come, until a transfer has failed; 3 s.
   */
  readonly settleTime?: Milliseconds;
  /** How long a packet between two phones of the lab may take until it counts as lost; 1 s. */
  readonly lossTime?: Milliseconds;
  /** Whether the packets are all that a stranger's capture holds, media too; false unless given. */
  readonly isCapture?: boolean;
  /** Index of the first message, where what comes is the later part of a longer trace; 0. */
  readonly firstIndex?: number;
}

const timeoutTimers: ReadonlySet<string> = new Set(['B', 'C', 'F', 'H']);

/**
 * What a trace means: messages, transactions, dialogs, legs, calls and transfers, of SIP and of IAX2, found step by step from journal entries or
 * from a stranger's packets alone. It holds no truth of its own: the same entries always give the same model.
 */
export class TraceModel implements Disposable {
  readonly hearing = new Hearing();
  readonly #directory = new Directory();
  readonly #intake: Intake;
  readonly #streams = new StreamTable();
  readonly #iax: IaxTrace;
  readonly #iaxSockets = new IaxSockets();
  /** Undefined where no media are fed: who hears whom is measured there, or nobody knows. */
  readonly #media: TraceMedia | undefined;
  readonly #transactions = new TransactionTable();
  readonly #calls: CallTable;
  readonly #subscriptions: SubscriptionTable;
  readonly #correlators: readonly Correlator[];
  readonly #jury: Jury;
  readonly #linter: Linter;
  readonly #transfers = new Chronicle<TransferRecord>();
  readonly #wishes = new Wishes();
  readonly #notes = new Chronicle<TraceNote>();
  readonly #problems = new Chronicle<ProblemEntry>();
  readonly #timeouts = new Chronicle<TraceTimeout>();
  readonly #bySeq = new Map<number, MessageRecord>();
  readonly #emitter = new Emitter<TraceEvents>();
  readonly #held = new DisposableStore();
  readonly #lossTime: Milliseconds;
  #now: Milliseconds = 0;
  #isOver = false;

  constructor(options: TraceOptions = {}) {
    this.#lossTime = options.lossTime ?? 1_000;
    this.#media = options.isCapture === true ? new TraceMedia() : undefined;
    this.#intake = new Intake(options.firstIndex);
    this.#calls = new CallTable(this.#directory, (change) => this.#addNote(change));
    this.#subscriptions = new SubscriptionTable(this.#calls);
    this.#jury = new Jury({ hearing: this.hearing, media: this.#media }, options.settleTime ?? 3_000, (transfer) =>
      this.#emitter.emit('transfer', transfer),
    );
    const forCorrelators: CorrelatorContext = {
      calls: this.#calls,
      directory: this.#directory,
      wantedBy: (phone) => this.#wishes.under(phone),
      open: (kind, message, parties) => {
        const transfer = new TransferRecord(`x${this.#transfers.total + 1}`, kind, message, parties);
        this.#transfers.push(transfer);
        return transfer;
      },
      attach: (transfer, message) => this.#attach(transfer, message),
    };
    this.#correlators = correlators.map((create) => create(forCorrelators));
    this.#iax = new IaxTrace({
      ...forCorrelators,
      calls: this.#calls.all,
      review: (transfer) => this.#jury.summon(transfer),
      onChange: (change) => this.#addNote(change),
    });
    this.#linter = new Linter(this.#calls, this.#iax.legTable, (finding) => this.#emitter.emit('lint', finding));
  }

  /** The whole of a capture. Its times, whatever they count from, count from the first packet on. */
  static from(packets: Iterable<TracePacket>, options?: TraceOptions): TraceModel {
    return finish(TraceModel.fromInSteps(packets, options));
  }

  /** As {@link TraceModel.from}, a packet a step. */
  static *fromInSteps(packets: Iterable<TracePacket>, options?: TraceOptions): Steps<TraceModel> {
    const model = new TraceModel({ ...options, isCapture: true });
    let start: Milliseconds | undefined;
    for (const packet of packets) {
      start ??= packet.at;
      model.feedPacket({ ...packet, at: packet.at - start });
      yield undefined;
    }
    model.finish();
    return model;
  }

  /** A model of a journal, as far as it goes; it follows the journal until it is disposed of. */
  static read(journal: Journal, options?: TraceOptions): TraceModel {
    const model = new TraceModel(options);
    for (const entry of journal.entries) model.feed(entry);
    model.#held.add(journal.on('entry', (entry) => model.feed(entry)));
    return model;
  }

  /** Those that are not forgotten: `messages[0]` is the one of index `firstIndex`. */
  get messages(): readonly TraceMessage[] {
    return this.#intake.messages;
  }

  /** Index of the first message that is not forgotten: so many were before it. */
  get firstIndex(): number {
    return this.#intake.first;
  }

  /** Index of the next message: how many there have been so far. */
  get endIndex(): number {
    return this.#intake.end;
  }

  get transactions(): readonly TraceTransaction[] {
    return this.#transactions.list;
  }

  get dialogs(): readonly TraceDialog[] {
    return this.#calls.dialogs;
  }

  /** Of IAX2: calls, registrations and the like, in the order of their first frame. */
  get legs(): readonly TraceLeg[] {
    return this.#iax.legs;
  }

  get calls(): readonly TraceCall[] {
    return this.#calls.calls;
  }

  get subscriptions(): readonly TraceSubscription[] {
    return this.#subscriptions.list;
  }

  get transfers(): readonly Transfer[] {
    return this.#transfers.items;
  }

  /** The media of a stranger's capture; none where what is heard is measured instead. */
  get streams(): readonly MediaStream[] {
    return this.#media?.streams ?? [];
  }

  /** In order; each belongs behind its message. */
  get notes(): readonly TraceNote[] {
    return this.#notes.items;
  }

  /** What the lints have found, in the order of finding: the failures T1 to T20 of the field, and those of IAX2. */
  get lints(): readonly LintFinding[] {
    return this.#linter.found.items;
  }

  /** The timers that ended a wait, in order. */
  get timeouts(): readonly TraceTimeout[] {
    return this.#timeouts.items;
  }

  /** What is listed above, for whoever reads it step by step. */
  get series(): TraceSeries {
    return { calls: this.#calls.all, notes: this.#notes, lints: this.#linter.found, timeouts: this.#timeouts, streams: this.hearing.series };
  }

  /** What the journal itself complained of. */
  get problems(): readonly ProblemEntry[] {
    return this.#problems.items;
  }

  /** The lifelines, in order of appearance; one whose addresses all turned out to be another's has none. */
  get participants(): readonly Participant[] {
    return this.#directory.participants;
  }

  /** Since the trace's start: the time of the newest entry, or what `advance` said. */
  get now(): Milliseconds {
    return this.#now;
  }

  /** Whether time alone, told by `advance`, may still bring a verdict or a finding. */
  get awaitsTime(): boolean {
    return this.#linter.isWaiting || this.#transfers.items.some(({ isDecided }) => !isDecided);
  }

  /** Whether no more will come. */
  get isOver(): boolean {
    return this.#isOver;
  }

  on<Name extends keyof TraceEvents>(event: Name, listener: (...args: TraceEvents[Name]) => void): Disposable {
    return this.#emitter.on(event, listener);
  }

  message(id: string): TraceMessage | undefined {
    return this.messageAt(Number(id.slice(1)) - 1);
  }

  messageAt(index: number): TraceMessage | undefined {
    return this.#intake.at(index);
  }

  transfer(id: string): Transfer | undefined {
    return this.#transfers.at(Number(id.slice(1)) - 1);
  }

  /** The message that a journal entry of this number is a record of. */
  messageOfEntry(seq: number): TraceMessage | undefined {
    return this.#bySeq.get(seq);
  }

  participantAt(address: SocketAddress): Participant {
    return this.#directory.participantAt(address);
  }

  /** The lifeline of an address, if the trace has seen it. */
  findParticipant(address: SocketAddress): Participant | undefined {
    return this.#directory.find(address);
  }

  /** The phone's name, a stranger's user part, or the address. */
  nameOf(address: SocketAddress): string {
    return this.#directory.nameOf(address);
  }

  /** Sent to a phone of the lab that never recorded it, and now no longer will. */
  isLost(message: TraceMessage): boolean {
    if (message instanceof MessageRecord && message.saidLost) return true;
    if (message.receivedAt !== undefined || message.sentSeq === undefined) return false;
    if (this.#directory.phoneAt(message.destination) === '') return false;
    return this.#isOver || this.#now - message.at >= this.#lossTime;
  }

  feed(entry: JournalEntry): void {
    if (entry.kind === 'packet') {
      if (entry.protocol === 'rtp') this.advance(entry.at);
      else this.#feedEntry(entry);
      return;
    }
    this.advance(entry.at);
    if (entry.kind === 'hears') {
      this.hearing.learn(entry, this.#intake.end - 1);
      this.#jury.onHearing(this.#now);
    } else if (entry.kind === 'timer') {
      if (entry.action === 'fired' && timeoutTimers.has(entry.timer)) {
        this.#timeouts.push({ entry, after: this.#intake.end - 1 });
        this.#emitter.emit('timeout', entry);
      }
    } else if (entry.kind === 'problem') {
      this.#problems.push(entry);
    } else if (entry.kind === 'verb') {
      this.#wishes.learn(entry);
      this.#linter.onVerb(entry);
    }
  }

  /** One packet of a stranger's capture. What is neither SIP nor IAX2 nor media that these announce is passed over. */
  feedPacket(packet: TracePacket): void {
    this.advance(packet.at);
    const after = this.#intake.end - 1;
    if (this.#media?.take(packet, after) === true) return;
    const frames = this.#iaxSockets.recognise(packet);
    for (const frame of frames) this.#takeIax({ ...this.#learnNames(frame), transport: 'iax2' }, 'stranger', undefined);
    if (frames.length > 0 || packet.transport === 'iax2') return;
    const isStream = packet.transport !== 'udp';
    if (!isStream && !looksLikeSip(packet.bytes)) {
      this.#media?.consider(packet, after);
      return;
    }
    this.#learnNames(packet);
    const stream = `${formatAddress(packet.source)}>${formatAddress(packet.destination)}`;
    for (const bytes of isStream ? this.#streams.push(stream, packet.bytes) : [packet.bytes]) {
      if (looksLikeSip(bytes)) this.#take({ ...packet, bytes }, 'stranger', undefined);
    }
  }

  /** Time passes without entries: what waited for its time to come is decided. */
  advance(now: Milliseconds): void {
    if (now <= this.#now) return;
    this.#now = now;
    // First the lints: whoever hears of a verdict finds there what explains it.
    this.#linter.advance(now);
    this.#jury.advance(now);
  }

  /** No more will come: what is pending is decided now, and packets under way are lost. */
  finish(): void {
    this.#isOver = true;
    this.#jury.finish(this.#now, this.#transfers.items);
  }

  /**
   * Lists the messages before an index no longer, and lets go of what belongs only to them. What is still alive stays known, and
   * what comes later is judged as if nothing had been forgotten.
   */
  forget(before: number): void {
    const horizon = new Horizon(Math.min(before, this.#intake.end), this.#now);
    if (horizon.before <= this.#intake.first) return;
    this.#intake.forget(horizon);
    const since = this.#intake.messages[0]?.at ?? this.#now;
    for (const [seq, record] of this.#bySeq) if (!horizon.isListed(record)) this.#bySeq.delete(seq);
    this.#notes.forget(({ message }) => message.index < horizon.before);
    this.#timeouts.forget(({ after }) => after < horizon.before);
    this.#problems.forget(({ at }) => at < since);
    this.#streams.forget();
    this.hearing.forget(horizon);
    this.#linter.forget(horizon);
    for (const correlator of this.#correlators) correlator.forget?.(horizon);
    this.#iax.forget(horizon);
    this.#transactions.forget(horizon);
    this.#subscriptions.forget(horizon);
    this.#transfers.forget((transfer) => horizon.isPastTransfer(transfer));
    this.#calls.forget(horizon, new Set(this.#subscriptions.list.flatMap(({ dialog }) => dialog ?? [])));
    this.#directory.forget(() => this.#usedAddresses());
    this.#emitter.emit('forgotten', horizon.before);
  }

  dispose(): void {
    this.#held.dispose();
  }

  #usedAddresses(): ReadonlySet<string> {
    const ofMessages = this.#intake.messages.flatMap(({ source, destination }) => [source, destination]);
    const ofCalls = this.#calls.calls.flatMap(({ caller, callee }) => [caller.address ?? [], callee.address ?? []].flat());
    return new Set([...ofMessages, ...ofCalls].map(formatAddress));
  }

  #learnNames(packet: TracePacket): TracePacket {
    if (packet.sender !== undefined) this.#directory.learnPhone(packet.source, packet.sender);
    if (packet.receiver !== undefined) this.#directory.learnPhone(packet.destination, packet.receiver);
    return packet;
  }

  #feedEntry(entry: PacketEntry): void {
    this.advance(entry.at);
    const isSent = entry.direction === 'sent';
    this.#directory.learnPhone(isSent ? entry.source : entry.destination, entry.owner);
    const { at, transport, source, destination, bytes: octets } = entry;
    const vantage: Vantage = isSent ? 'sender' : 'receiver';
    if (entry.protocol === 'iax2') {
      this.#takeIax({ at, transport, source, destination, bytes: octets }, vantage, entry.seq);
      return;
    }
    if (isKeepAlive(octets)) return;
    const stream = `${entry.owner}|${entry.direction}|${formatAddress(source)}>${formatAddress(destination)}`;
    for (const bytes of transport === 'udp' ? [octets] : this.#streams.push(stream, octets)) {
      this.#take({ at, transport, source, destination, bytes }, vantage, entry.seq);
    }
  }

  #take(packet: TracePacket, vantage: Vantage, seq: number | undefined): void {
    this.#record(packet, vantage, seq, (record) => {
      this.#read(record);
      this.#place(record);
    });
  }

  #record(packet: TracePacket, vantage: Vantage, seq: number | undefined, place: (record: MessageRecord) => void): void {
    const { record, isNew } = this.#intake.take(packet, vantage, seq);
    if (seq !== undefined) this.#bySeq.set(seq, record);
    if (isNew) {
      place(record);
      touch(record);
    }
    this.#emitter.emit('message', record);
    this.#jury.deliberate(this.#now);
  }

  /** Media frames are counted and become no messages, as RTP does not. */
  #takeIax(packet: TracePacket, vantage: Vantage, seq: number | undefined): void {
    const isFull = ((packet.bytes[0] ?? 0) & 0x80) !== 0;
    const media = isFull ? undefined : tryDecode(packet.bytes);
    if (media === undefined || media.kind === 'full') {
      this.#record(packet, vantage, seq, (record) => this.#placeIax(record));
    } else if (vantage !== 'receiver' || this.#directory.phoneAt(packet.source) === '') {
      for (const voice of this.#iax.onMedia(packet, media)) {
        this.#linter.onVoice(voice);
        this.#media?.onVoice(voice, packet.at, this.#intake.end - 1);
      }
      this.#jury.deliberate(this.#now);
    }
  }

  #placeIax(record: MessageRecord): void {
    this.#iax.read(record);
    const placed = this.#iax.place(record);
    if (placed === undefined) return;
    this.#attachByCall(record);
    if (record.retransmissionOf !== undefined) return;
    this.#linter.onFrame(placed);
    this.#media?.onFrame(placed);
  }

  #read(record: MessageRecord): void {
    try {
      record.sip = parseMessage(record.bytes);
      record.facts = readFacts(record.sip);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      record.error = { code: error.code, range: error.range, text: error.message };
    }
  }

  /** Runs a message through the tables, each of which may build on what those before found out. */
  #place(record: MessageRecord): void {
    const { sip, facts } = record;
    if (sip === undefined || facts === undefined) {
      this.#directory.participantAt(record.source);
      this.#directory.participantAt(record.destination);
      return;
    }
    this.#directory.learnMessage(record, sip, facts);
    const transaction = this.#transactions.place(record, facts);
    const first = record.retransmissionOf;
    if (first !== undefined) {
      record.dialog = first.dialog;
      record.call = first.call;
      for (const transfer of first.transfers) this.#attach(transfer, record);
      return;
    }
    if (transaction.forwardOf !== undefined) {
      this.#calls.onForward(record, transaction);
      this.#media?.onMessage(record);
      for (const correlator of this.#correlators) correlator.onForward?.(record, transaction.root);
      this.#attachByCall(record);
      return;
    }
    if (sip.kind === 'request') this.#calls.onRequest(record, sip, facts, transaction);
    else this.#calls.onResponse(record, sip, facts, transaction);
    this.#media?.onMessage(record);
    const subscription =
      sip.kind === 'request'
        ? this.#subscriptions.onRequest(record, sip, facts, transaction)
        : this.#subscriptions.onResponse(facts, sip.status, transaction);
    const placed = { record, sip, facts, transaction, subscription };
    for (const correlator of this.#correlators) correlator.onMessage(placed);
    this.#attachByCall(record);
    this.#linter.onMessage(placed);
  }

  #attachByCall(record: MessageRecord): void {
    for (const transfer of record.call?.transfers ?? []) {
      if (transfer.wants(record)) this.#attach(transfer, record);
    }
  }

  #attach(transfer: TransferRecord, message: MessageRecord): void {
    transfer.attach(message);
    this.#jury.summon(transfer);
  }

  #addNote(change: CallChange): void {
    const { kind, call, by, message } = change;
    this.#media?.onChange(change);
    const note = { kind, call, by: by === undefined ? undefined : call[by], message };
    this.#notes.push(note);
    this.#emitter.emit('note', note);
  }
}

/** What a message belongs to has last been heard of with it. */
function touch(record: MessageRecord): void {
  const { transaction, dialog, call } = record;
  if (transaction !== undefined) transaction.newest = record;
  if (dialog !== undefined) dialog.newest = record;
  if (call !== undefined) call.newest = record;
}
