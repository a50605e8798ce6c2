export { buildRequest, buildResponse, type HeaderFields, type RequestParts, type ResponseParts } from './build';
export { SipHeaderError, SipParseError, SipSyntaxError } from './errors';
export {
  assertedIdentityOf,
  minSeOf,
  type RAck,
  rackOf,
  rseqOf,
  type SessionExpires,
  sessionExpiresOf,
} from './extension-fields';
export type { CSeq, EventType, SubscriptionState } from './fields';
export { canonicalName } from './header-name';
export { type SipMessage, SipRequest, SipResponse } from './message';
export { formatNameAddr, NameAddr } from './name-addr';
export type { MessageNote, NoteCode } from './note';
export { parseMessage } from './parse';
export { passBack, type Passage, passOn } from './pass-on';
export { type RawHeader } from './raw-header';
export { reasonPhrase } from './reason-phrase';
export { formatReplaces, parseReplaces, type Replaces } from './replaces';
export type { Parameters } from './parameters';
export { defaultPort, escapeUriHeader, formatUri, isSipUri, parseUri, SipUri, uriAddress, type UriParts } from './uri';
export { uriEquals } from './uri-equals';
export { formatVia, Via } from './via';
export { respond, type RespondOptions } from './respond';
export { type FramedItem, type FramingFault, StreamFramer, type StreamLimits } from './stream-framer';
export { defaultPolicy, defaultSizes, type Fault, type Framing, type MessageSizes, type Refusal, type UasPolicy, validateRequest, validateResponse } from './validate';
