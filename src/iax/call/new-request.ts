import type { CodecName, ElementValues, FullFrame } from '../frame';
import { offerElements } from './codec-choice';

/** The version that everybody speaks (IAX2 reference 2.4). */
export const protocolVersion = 2;

/** Whom to call, and who calls. Texts are sent as they are, in UTF-8, 255 octets at most. */
export interface CallRequest {
  /** Extension at the peer. */
  readonly number: string;
  /** Part of the peer's dialplan. */
  readonly context?: string | undefined;
  /** Who we are to the peer. */
  readonly username?: string | undefined;
  /** For its challenge. */
  readonly secret?: string | undefined;
  readonly callingNumber?: string | undefined;
  readonly callingName?: string | undefined;
  /** Asks the callee to answer at once. */
  readonly autoAnswer?: boolean | undefined;
  /** By preference; the endpoint's own unless given. */
  readonly codecs?: readonly CodecName[] | undefined;
  /** Our voice goes out in trunk frames, together with that of other calls to the same address. */
  readonly trunk?: boolean | undefined;
}

/** What a NEW says; all of it untrusted. */
export interface CallParties {
  readonly calledNumber: string;
  readonly calledContext: string | undefined;
  readonly callingNumber: string | undefined;
  readonly callingName: string | undefined;
  readonly username: string | undefined;
  /** The caller asks to be answered at once. */
  readonly autoAnswer: boolean;
}

/** The elements of NEW, without the call token that goes last (IAX2 reference 4.2). */
export function newElements(request: CallRequest, codecs: readonly CodecName[]): ElementValues {
  return {
    version: protocolVersion,
    calledNumber: request.number,
    ...given('callingNumber', request.callingNumber),
    ...given('callingName', request.callingName),
    ...given('calledContext', request.context),
    ...given('username', request.username),
    ...(request.autoAnswer === true ? { autoAnswer: true } : {}),
    ...offerElements(codecs),
  };
}

export function readParties(frame: FullFrame): CallParties {
  return {
    calledNumber: frame.element('calledNumber') ?? '',
    calledContext: frame.element('calledContext'),
    callingNumber: frame.element('callingNumber'),
    callingName: frame.element('callingName'),
    username: frame.element('username'),
    autoAnswer: frame.element('autoAnswer') ?? false,
  };
}

export function partiesOf(request: CallRequest): CallParties {
  const { number, context, callingNumber, callingName, username, autoAnswer = false } = request;
  return { calledNumber: number, calledContext: context, callingNumber, callingName, username, autoAnswer };
}

/** IAX2 reference 7.1: a version that we do not speak is refused; none is taken for ours. */
export function speaksOurVersion(frame: FullFrame): boolean {
  return (frame.element('version') ?? protocolVersion) === protocolVersion;
}

function given<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, string>>;
}
