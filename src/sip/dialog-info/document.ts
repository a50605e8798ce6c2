/** The media type of RFC 4235 section 4. */
export const dialogInfoType = 'application/dialog-info+xml';

export const dialogInfoNamespace = 'urn:ietf:params:xml:ns:dialog-info';

export const dialogPhases = ['trying', 'proceeding', 'early', 'confirmed', 'terminated'] as const;
/** RFC 4235 section 3.7.1. */
export type DialogPhase = (typeof dialogPhases)[number];

export const dialogEvents = ['cancelled', 'rejected', 'replaced', 'local-bye', 'remote-bye', 'error', 'timeout'] as const;
/** What brought a dialog into its state: RFC 4235 section 3.7.1. */
export type DialogEvent = (typeof dialogEvents)[number];

/** One end of a dialog. */
export interface DialogParty {
  /** Who it is, as a URI. */
  readonly identity?: string;
  readonly displayName?: string;
  /** Where it is reached: its Contact. */
  readonly target?: string;
}

/** The ids of a dialog from the view of the user agent that is observed, never of the one that watches. */
export interface DialogIds {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

/** One `<dialog>`: RFC 4235 section 4.1.2. Local and remote are from the view of the user agent that is observed. */
export interface ObservedDialog {
  /** Unique among the dialogs of the document's entity. */
  readonly id: string;
  readonly callId?: string;
  readonly localTag?: string;
  readonly remoteTag?: string;
  readonly direction?: 'initiator' | 'recipient';
  readonly phase: DialogPhase;
  readonly event?: DialogEvent;
  /** The SIP status that came with the event. */
  readonly code?: number;
  /** The dialog whose place this one took. */
  readonly replaces?: DialogIds;
  /** Who sent the caller here. */
  readonly referredBy?: DialogParty;
  readonly local?: DialogParty;
  readonly remote?: DialogParty;
}

/** One `<dialog-info>`: RFC 4235 section 4.1.1. */
export interface DialogInfo {
  /** Grows by one with each document of a subscription, from zero. */
  readonly version: number;
  /** `full`: what is not told is not there. `partial`: what is not told has not changed. */
  readonly state: 'full' | 'partial';
  /** Whose dialogs they are. */
  readonly entity: string;
  readonly dialogs: readonly ObservedDialog[];
}
