import { otherSide } from '../call';
import type { Announcement, MediaAddress } from './announcements';
import type { Ends, RecordedRole } from './stream';

/** Who sends to whom between two addresses, of which at least one was announced; undefined when none was. */
export function resolveEnds(from: MediaAddress | undefined, to: MediaAddress | undefined): { readonly ends: Ends; readonly isSure: boolean } | undefined {
  const senders = from?.announcements ?? [];
  const receivers = to?.announcements ?? [];
  const both = receivers.flatMap((receiver) => {
    const sender = senders.find(({ call, side }) => call === receiver.call && side !== receiver.side);
    return sender === undefined ? [] : [{ sender, receiver }];
  });
  if (both.length > 0) return { ends: endsOf(both.map(({ receiver }) => roleOf(receiver)), from, to), isSure: true };
  // Behind a NAT a phone sends from another address than it has announced; and what comes before the answer comes from one that
  // nobody has announced yet.
  const receiver = newest(receivers);
  const sender = newest(senders);
  const role = receiver !== undefined ? roleOf(receiver) : sender !== undefined ? { call: sender.call, speaker: sender.side } : undefined;
  return role === undefined ? undefined : { ends: endsOf([role], from, to), isSure: false };
}

function roleOf({ call, side }: Announcement): RecordedRole {
  return { call, speaker: otherSide(side) };
}

function newest(announcements: readonly Announcement[]): Announcement | undefined {
  return announcements.findLast(({ call }) => !call.isOver) ?? announcements.at(-1);
}

/** Where a server keeps media away from itself an address is announced by its phone and by the server: the phone is who speaks. */
function endsOf(roles: readonly RecordedRole[], from: MediaAddress | undefined, to: MediaAddress | undefined): Ends {
  const sender = spokesman(from, roles.map(({ call, speaker: side }) => ({ call, side })));
  const receiver = spokesman(to, roles.map(({ call, speaker }) => ({ call, side: otherSide(speaker) })));
  const [first, ...rest] = roles as readonly [RecordedRole, ...RecordedRole[]];
  const speaker = sender === undefined ? first.call[first.speaker] : sender.call[sender.side];
  const listener = receiver === undefined ? first.call[otherSide(first.speaker)] : receiver.call[receiver.side];
  const media = receiver?.media ?? sender?.media;
  return {
    roles: [first, ...rest],
    speaker,
    listener,
    speakerAt: sender?.by ?? speaker.address ?? first.call.invite.source,
    listenerAt: receiver?.by ?? listener.address ?? first.call.invite.destination,
    kind: media?.kind === 'video' ? 'video' : 'audio',
    isEncrypted: media !== undefined && /SAVPF?$/.test(media.protocol),
    encodings: media?.encodings,
  };
}

function spokesman(address: MediaAddress | undefined, ends: readonly Pick<Announcement, 'call' | 'side'>[]): Announcement | undefined {
  const own = (address?.announcements ?? []).filter(({ call, side }) => ends.some((end) => end.call === call && end.side === side));
  return own.find(({ by }) => by.host === address?.host) ?? own.at(-1);
}
