import type { ApparentAddress, IaxDateTime, LossReport, WideMask } from './values';

/** How the data of an information element is to be read. */
export type ElementKind =
  | 'text'
  | 'octets'
  | 'empty'
  | 'number8'
  | 'number16'
  | 'number32'
  | 'address'
  | 'moment'
  | 'loss'
  | 'wideMask';

/** What reading gives, by kind. */
export interface ElementKindValues {
  readonly text: string;
  readonly octets: Uint8Array;
  readonly empty: true;
  readonly number8: number;
  readonly number16: number;
  readonly number32: number;
  readonly address: ApparentAddress;
  readonly moment: IaxDateTime;
  readonly loss: LossReport;
  readonly wideMask: WideMask;
}

export interface ElementSpec {
  readonly id: number;
  readonly title: string;
  readonly kind: ElementKind;
}

/**
 * Every information element (RFC 5456 section 8.6). 52 is VARIABLE and 53 to 56 are as Asterisk has them: the RFC's list ends
 * otherwise, and nobody follows it there (reference sections 2.4 and 10).
 */
export const elementTable = {
  calledNumber: { id: 1, title: 'CALLED NUMBER', kind: 'text' },
  callingNumber: { id: 2, title: 'CALLING NUMBER', kind: 'text' },
  callingAni: { id: 3, title: 'CALLING ANI', kind: 'text' },
  callingName: { id: 4, title: 'CALLING NAME', kind: 'text' },
  calledContext: { id: 5, title: 'CALLED CONTEXT', kind: 'text' },
  username: { id: 6, title: 'USERNAME', kind: 'text' },
  password: { id: 7, title: 'PASSWORD', kind: 'text' },
  capability: { id: 8, title: 'CAPABILITY', kind: 'number32' },
  format: { id: 9, title: 'FORMAT', kind: 'number32' },
  language: { id: 10, title: 'LANGUAGE', kind: 'text' },
  version: { id: 11, title: 'VERSION', kind: 'number16' },
  adsicpe: { id: 12, title: 'ADSICPE', kind: 'number16' },
  dnid: { id: 13, title: 'DNID', kind: 'text' },
  authMethods: { id: 14, title: 'AUTH METHODS', kind: 'number16' },
  challenge: { id: 15, title: 'CHALLENGE', kind: 'text' },
  md5Result: { id: 16, title: 'MD5 RESULT', kind: 'text' },
  rsaResult: { id: 17, title: 'RSA RESULT', kind: 'text' },
  apparentAddress: { id: 18, title: 'APPARENT ADDR', kind: 'address' },
  refresh: { id: 19, title: 'REFRESH', kind: 'number16' },
  dialPlanStatus: { id: 20, title: 'DPSTATUS', kind: 'number16' },
  callNumber: { id: 21, title: 'CALLNO', kind: 'number16' },
  cause: { id: 22, title: 'CAUSE', kind: 'text' },
  iaxUnknown: { id: 23, title: 'IAX UNKNOWN', kind: 'number8' },
  messageCount: { id: 24, title: 'MSGCOUNT', kind: 'number16' },
  autoAnswer: { id: 25, title: 'AUTOANSWER', kind: 'empty' },
  /** Empty, or the name of a class of music. */
  musicOnHold: { id: 26, title: 'MUSICONHOLD', kind: 'text' },
  transferId: { id: 27, title: 'TRANSFERID', kind: 'number32' },
  rdnis: { id: 28, title: 'RDNIS', kind: 'text' },
  provisioning: { id: 29, title: 'PROVISIONING', kind: 'octets' },
  aesProvisioning: { id: 30, title: 'AES PROVISIONING', kind: 'octets' },
  dateTime: { id: 31, title: 'DATETIME', kind: 'moment' },
  deviceType: { id: 32, title: 'DEVICE TYPE', kind: 'text' },
  serviceIdent: { id: 33, title: 'SERVICE IDENT', kind: 'text' },
  firmwareVersion: { id: 34, title: 'FIRMWARE VER', kind: 'number16' },
  firmwareBlock: { id: 35, title: 'FW BLOCK DESC', kind: 'number32' },
  firmwareData: { id: 36, title: 'FW BLOCK DATA', kind: 'octets' },
  provisioningVersion: { id: 37, title: 'PROVISIONING VER', kind: 'number32' },
  callingPresentation: { id: 38, title: 'CALLING PRES', kind: 'number8' },
  callingTon: { id: 39, title: 'CALLING TON', kind: 'number8' },
  callingTns: { id: 40, title: 'CALLING TNS', kind: 'number16' },
  samplingRate: { id: 41, title: 'SAMPLING RATE', kind: 'number16' },
  causeCode: { id: 42, title: 'CAUSE CODE', kind: 'number8' },
  encryption: { id: 43, title: 'ENCRYPTION', kind: 'number16' },
  encryptionKey: { id: 44, title: 'ENC KEY', kind: 'octets' },
  codecPreferences: { id: 45, title: 'CODEC PREFS', kind: 'text' },
  receivedJitter: { id: 46, title: 'RR JITTER', kind: 'number32' },
  receivedLoss: { id: 47, title: 'RR LOSS', kind: 'loss' },
  receivedPackets: { id: 48, title: 'RR PKTS', kind: 'number32' },
  receivedDelay: { id: 49, title: 'RR DELAY', kind: 'number16' },
  receivedDropped: { id: 50, title: 'RR DROPPED', kind: 'number32' },
  receivedOutOfOrder: { id: 51, title: 'RR OOO', kind: 'number32' },
  variable: { id: 52, title: 'VARIABLE', kind: 'text' },
  ospToken: { id: 53, title: 'OSPTOKEN', kind: 'octets' },
  callToken: { id: 54, title: 'CALLTOKEN', kind: 'octets' },
  capability2: { id: 55, title: 'CAPABILITY2', kind: 'wideMask' },
  format2: { id: 56, title: 'FORMAT2', kind: 'wideMask' },
  callingAni2: { id: 57, title: 'CALLING ANI2', kind: 'number32' },
} as const satisfies Readonly<Record<string, ElementSpec>>;

export type ElementName = keyof typeof elementTable;

/** The type of an element's value. */
export type ElementValue<Name extends ElementName> = ElementKindValues[(typeof elementTable)[Name]['kind']];

/** Elements to be written, in the order of their keys. */
export type ElementValues = { readonly [Name in ElementName]?: ElementValue<Name> };

/** By id, which is one octet: this is asked for each element of each frame. */
const byId: readonly (ElementName | undefined)[] = (Object.keys(elementTable) as ElementName[]).reduce<(ElementName | undefined)[]>(
  (names, name) => {
    names[elementTable[name].id] = name;
    return names;
  },
  Array.from({ length: 256 }, () => undefined),
);

export function elementNameOf(id: number): ElementName | undefined {
  return byId[id];
}
