import { type DialogInfo, dialogInfoNamespace, type DialogParty, type ObservedDialog } from './document';

/** The document as XML: RFC 4235 section 4.4, its elements in the order of the schema. */
export function formatDialogInfo({ version, state, entity, dialogs }: DialogInfo): string {
  const attributes = [`xmlns="${dialogInfoNamespace}"`, `version="${String(version)}"`, `state="${state}"`, attribute('entity', entity)];
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<dialog-info ${attributes.join(' ')}>`, ...dialogs.flatMap(formatDialog), '</dialog-info>'];
  return `${lines.join('\r\n')}\r\n`;
}

function formatDialog(dialog: ObservedDialog): readonly string[] {
  const { id, callId, localTag, remoteTag, direction, phase, event, code, replaces, referredBy, local, remote } = dialog;
  const attributes = [
    attribute('id', id),
    attribute('call-id', callId),
    attribute('local-tag', localTag),
    attribute('remote-tag', remoteTag),
    attribute('direction', direction),
  ];
  const state = [attribute('event', event), attribute('code', code === undefined ? undefined : String(code))];
  const lines = [open('dialog', attributes), `${open('state', state)}${phase}</state>`];
  if (replaces !== undefined) {
    const ids = [attribute('call-id', replaces.callId), attribute('local-tag', replaces.localTag), attribute('remote-tag', replaces.remoteTag)];
    lines.push(open('replaces', ids).replace(/>$/u, '/>'));
  }
  if (referredBy?.identity !== undefined) {
    lines.push(`${open('referred-by', [attribute('display', referredBy.displayName)])}${escapeXml(referredBy.identity)}</referred-by>`);
  }
  return [...lines, ...formatParty('local', local), ...formatParty('remote', remote), '</dialog>'];
}

function formatParty(name: 'local' | 'remote', party: DialogParty | undefined): readonly string[] {
  if (party === undefined) return [];
  const lines = [`<${name}>`];
  if (party.identity !== undefined) {
    lines.push(`${open('identity', [attribute('display', party.displayName)])}${escapeXml(party.identity)}</identity>`);
  }
  if (party.target !== undefined) lines.push(open('target', [attribute('uri', party.target)]).replace(/>$/u, '/>'));
  return [...lines, `</${name}>`];
}

function open(name: string, attributes: readonly string[]): string {
  const given = attributes.filter((one) => one !== '');
  return `<${[name, ...given].join(' ')}>`;
}

function attribute(name: string, value: string | undefined): string {
  return value === undefined ? '' : `${name}="${escapeXml(value)}"`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text for XML 1.0; what no XML document may contain becomes U+FFFD. A white space other than a blank stays one when read. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"'\t\n\r]/gu, (sign) => entities[sign] ?? `&#${String(sign.charCodeAt(0))};`);
}
