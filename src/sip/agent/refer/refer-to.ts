import { escapeUriHeader } from '../../message';
import type { Session } from '../session';

/**
 * The Refer-To value that makes somebody take our place in `session`: to the other party's Contact unless `uri` is given,
 * naming the dialog as that party knows it (RFC 5589 section 7.2). Undefined while there is no dialog.
 */
export function referToReplacing(session: Session, uri: string | undefined = session.dialog?.remoteTarget): string | undefined {
  const { replacesValue } = session;
  return uri === undefined || replacesValue === undefined ? undefined : `<${uri}?Replaces=${escapeUriHeader(replacesValue)}>`;
}
