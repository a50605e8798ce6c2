import type { Referral, Session, Transferee, TransferServices } from '../sip';
import type { Directory } from './directory';
import { PhoneTransfers, type TransferAsk } from './phone-transfers';
import type { SipCall } from './sip-call';

/** What the transfers of a SIP phone need of it. */
export interface TransferHost {
  readonly name: string;
  readonly services: TransferServices;
  readonly directory: Directory;
  find(session: Session): SipCall | undefined;
  follow(session: Session, referral: Referral): Promise<Transferee | undefined>;
  onAsked(ask: TransferAsk): void;
  onNews(text: string): void;
  onChanged(): void;
  onFailed(error: unknown): void;
}

/** The transfers of one SIP phone, which tell of their parties by the names of the lab. */
export function createTransfers(host: TransferHost): PhoneTransfers {
  const { services, directory } = host;
  return new PhoneTransfers({
    services,
    follow: (session, referral) => host.follow(session, referral),
    describe: (session, referral) => {
      const target = referral.request.target.toString();
      return {
        phone: host.name,
        by: directory.nameOf(session.remoteUri),
        target: directory.nameOf(target),
        targetUri: target.split('?', 1)[0] ?? target,
        call: host.find(session)?.id ?? '',
      };
    },
    onAsked: (ask) => {
      host.onAsked(ask);
    },
    onNews: (text) => {
      host.onNews(text);
    },
    onChanged: () => {
      host.onChanged();
    },
    onFailed: (error) => {
      host.onFailed(error);
    },
  });
}
