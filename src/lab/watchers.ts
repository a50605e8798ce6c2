import { canonicalHost, isLoopback } from '../net';
import {
  type Admission,
  type AgentSettings,
  dialogInfoType,
  type EventPackage,
  type Hop,
  observeSession,
  parseUri,
  PublishedDialogs,
  type Session,
  type SessionFacts,
  type SipRequest,
} from '../sip';
import type { Directory } from './directory';
import type { WatcherPolicy } from './phone-options';

/** Seconds: RFC 4235 section 3.4 names the usual hour; a lab's phones live no longer. */
const expires = { usual: 3_600, most: 3_600, least: 10 };

/** RFC 4235 section 3.10: no more than one NOTIFY a second; a call's first steps may come at once [choice]. */
const limits = { burst: 6, interval: 1_000 };

/**
 * What a phone tells of its calls to those who watch it: the dialog event package of RFC 4235. It names Call-IDs and tags,
 * with which a call can be taken over, so not everybody may know.
 */
export class Watchers {
  readonly package: EventPackage;
  readonly #dialogs: PublishedDialogs;
  readonly #settings: Pick<AgentSettings, 'uri' | 'displayName' | 'contactUri'>;
  readonly #policy: WatcherPolicy;
  readonly #directory: Directory;

  constructor(settings: Pick<AgentSettings, 'uri' | 'displayName' | 'contactUri'>, policy: WatcherPolicy, directory: Directory) {
    this.#settings = settings;
    this.#policy = policy;
    this.#directory = directory;
    this.#dialogs = new PublishedDialogs(settings.uri);
    this.package = {
      name: 'dialog',
      contentType: dialogInfoType,
      expires,
      limits,
      admit: (subscribe, source) => this.#admit(subscribe, source),
      openFeed: () => this.#dialogs.openFeed(),
    };
  }

  /** A call began, changed, or ended. Returns false when watchers learn nothing new by it. */
  update(session: Session, facts: SessionFacts): boolean {
    return this.#dialogs.update(observeSession(session, this.#settings, facts));
  }

  #admit(subscribe: SipRequest, source: Hop): Admission {
    switch (this.#policy) {
      case 'anybody':
        return { is: 'allowed' };
      case 'nobody':
        return { is: 'denied', text: 'this phone lets nobody watch it' };
      case 'lab':
        return this.#isOfLab(subscribe, source) ? { is: 'allowed' } : { is: 'denied', text: 'only phones of the lab may watch this one' };
    }
  }

  /**
   * A datagram comes from the phone's own port. A stream comes from any, so there its From must do: on this machine, where a
   * program that lies could read our memory as well.
   */
  #isOfLab(subscribe: SipRequest, source: Hop): boolean {
    if (!isLoopback(canonicalHost(source.host) ?? '')) return false;
    // What comes through a server of the lab came from anywhere.
    if (source.transport === 'udp' && !this.#directory.isServerAt(source)) return this.#directory.nameAt(source) !== undefined;
    try {
      return this.#directory.nameBehind(parseUri(subscribe.from.uriText)) !== undefined;
    } catch {
      return false; // a From that is no SIP URI
    }
  }
}
