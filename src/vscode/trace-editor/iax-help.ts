import type { CommandName, ControlName, ElementName, FullFrameField } from '../../iax';

/** What a person should know about something in a frame, and where it is written. */
export interface FrameHelp {
  readonly text: string;
  readonly rule: string;
}

const reference = (section: string): string => `IAX2 reference ${section}`;
const both = (rfc: string, section: string): string => `RFC 5456 section ${rfc}; ${reference(section)}`;

/** The fields of the header (RFC 5456 section 8.1.1). */
export const fieldHelp: Readonly<Record<FullFrameField, FrameHelp & { readonly title: string }>> = {
  sourceCall: {
    title: 'Source call number',
    text: "The sender's own number of this call, 1 to 32767; 1 is for answers without a call. The bit before it says that this is a full frame.",
    rule: both('8.1.1', '1.2 and 4.1'),
  },
  destinationCall: {
    title: 'R bit and destination call number',
    text: "The bit says that this frame was sent before; then the receiver's number of this call, 0 as long as it is not known.",
    rule: both('8.1.1', '1.2 and 3.3'),
  },
  timestamp: {
    title: 'Timestamp',
    text: "Milliseconds since the sender's first frame of this leg; ACK, PONG and LAGRP give the time of the frame that they answer.",
    rule: both('8.1.1', '1.2 and 3.1'),
  },
  outgoingSequence: {
    title: 'Outgoing sequence number',
    text: "This frame's number in its sender's stream, modulo 256. ACK, INVAL, VNAK, TXCNT and TXACC take none of their own.",
    rule: both('8.1.1', '3.1'),
  },
  incomingSequence: {
    title: 'Incoming sequence number',
    text: 'What the sender expects next: all frames of the other side before it are acknowledged.',
    rule: both('8.1.1', '3.1'),
  },
  type: { title: 'Frame type', text: '6 is a command of IAX itself, 4 a control of the call, 2 voice, 1 and 12 a digit, 7 text.', rule: both('8.2', '2.1') },
  subclass: {
    title: 'Subclass',
    text: 'Which command, control, codec or digit. With the highest bit it is a power of two; 0xff is -1.',
    rule: both('8.1.1', '1.2'),
  },
};

const registration = (text: string): FrameHelp => ({ text, rule: both('6.1', '5.4') });
const setUp = (text: string): FrameHelp => ({ text, rule: both('6.2', '5.1') });
const monitoring = (text: string): FrameHelp => ({ text, rule: both('6.7', '3.3') });
const digits = (text: string): FrameHelp => ({ text, rule: both('6.8', '5.5') });
const native = (text: string, section: string): FrameHelp => ({ text, rule: both('6.5', section) });
const flow = (text: string): FrameHelp => ({ text, rule: both('6.9', '3.1') });
const rare = (text: string): FrameHelp => ({ text, rule: both('8.4', '2.2') });

export const commandHelp: Readonly<Record<CommandName, FrameHelp>> = {
  NEW: setUp('Asks for a call. Its answer is ACCEPT, AUTHREQ, REJECT, or CALLTOKEN, after which it comes again.'),
  ACCEPT: setUp('The leg is up and the codec agreed; nobody has answered yet.'),
  REJECT: setUp('The call is refused before it was accepted, with a cause. Acknowledge it before the leg is forgotten.'),
  AUTHREQ: setUp('Asks the caller who it is, with a challenge.'),
  AUTHREP: setUp('Answers the challenge: MD5 of challenge and secret.'),
  HANGUP: { text: 'Ends a leg, with a cause. Acknowledge it before the leg is forgotten; after TXREL it is not sent at all.', rule: both('6.6', '5.1 and 6.4') },
  PING: monitoring('Asks whether the other side is there; PONG answers. Who was moved by a transfer has to send it, or nobody notices a dead peer.'),
  PONG: monitoring('Answers PING, with a report of what was received, and POKE.'),
  LAGRQ: monitoring('Measures the way through the jitter buffer; LAGRP answers.'),
  LAGRP: monitoring('Answers LAGRQ with its time.'),
  POKE: monitoring('Asks whether somebody is there, without a call.'),
  ACK: flow('Acknowledges a frame, whose time it has, and all before it. It takes no sequence number and is not acknowledged.'),
  INVAL: flow('Says that this call does not exist; its receiver gives the leg up at once.'),
  VNAK: flow('Says that a frame is missing: send again from its incoming sequence number on.'),
  REGREQ: registration('Asks to be registered. It comes first for a token, then for a challenge, then with the answer to it.'),
  REGAUTH: registration('Asks who wants to register, with a challenge.'),
  REGACK: registration('Registered, for so many seconds, as seen at this address.'),
  REGREJ: registration('Not registered, with a cause.'),
  REGREL: registration('Ends the registration.'),
  DPREQ: digits('Asks whether these digits may be a number.'),
  DPREP: digits('Answers DPREQ.'),
  DIAL: digits('Dials on a leg that was opened without a number.'),
  TXREQ: native('The one in the middle asks an end to connect to the other directly: its address and call number, and an id of the attempt. Not yet a switch: both go on through the middle.', '6.2'),
  TXCNT: native('An end probes the new way: this is the first that the two say to each other. TXACC answers, not ACK. Sent at 0, 2, 3 and 4 seconds.', '6.3 and 6.5'),
  TXACC: native('Answers TXCNT. Nobody acknowledges it.', '6.3'),
  TXREADY: native('An end tells the one in the middle that it has reached the other; its CALLNO is its own.', '6.2'),
  TXREL: native("The one in the middle lets an end go: from here on it talks to the other end, whose number CALLNO is. Both streams begin anew with 0 and a full voice frame. No HANGUP follows.", '6.2 and 6.3'),
  TXREJ: native('The attempt is given up; the call goes on as before. From an end to the middle, and from there to the other end.', '6.5'),
  TXMEDIA: native('Like TXREL, but only mini frames go directly; full frames stay on their way through the middle.', '6.9'),
  QUELCH: { text: 'Asks the other side to send no more media; with MUSICONHOLD, to play music to whoever is behind it. Some peers keep it across a transfer.', rule: both('6.4', '5.2 and 6.6') },
  UNQUELCH: { text: 'Takes QUELCH back. Before a TXREL it is a must: else the transferred call may stay silent.', rule: both('6.4', '5.2 and 6.6') },
  TRANSFER: { text: 'Asks the receiver to connect whoever is behind it to this number. There is no answer but an ACK: a HANGUP follows whether the number exists or not.', rule: both('6.4', '6.7') },
  UNSUPPORT: flow('Says that a command is not known here: which, IAX UNKNOWN says.'),
  MWI: rare('Messages are waiting.'),
  PAGE: rare('Announcement.'),
  PROVISION: rare('Settings of a device.'),
  FWDOWNL: rare('Asks for firmware.'),
  FWDATA: rare('A piece of firmware.'),
  RTKEY: { text: 'Changes the key of an encrypted leg.', rule: reference('1.5') },
  CALLTOKEN: { text: 'The answer to a request with an empty token: send the same once more with this token. Until then the server has kept nothing.', rule: reference('4.3') },
};

const control = (text: string, section = '2.3'): FrameHelp => ({ text, rule: both('8.3', section) });

/** The controls that matter for a call; the others are told by their name. */
export const controlHelp: Partial<Record<ControlName, FrameHelp>> = {
  RINGING: control('It rings there. In a transfer while it rings this is not repeated to the new caller.', '6.8'),
  ANSWER: control('Somebody has answered.', '5.1'),
  BUSY: control('The number is busy; a HANGUP follows.', '5.1'),
  CONGESTION: control('No way to the number; a HANGUP follows.', '5.1'),
  PROGRESS: control('Something can be heard before an answer.', '5.1'),
  HOLD: control('"I have put you on hold." Unlike QUELCH it does not ask for silence.', '5.2'),
  UNHOLD: control('Takes HOLD back.', '5.2'),
  'STOP SOUNDS': control('Asterisk: stop the tones of a call that was just answered. Harmless.', '1.2'),
};

/** Of each element, what it is for. */
const elements: Readonly<Record<ElementName, readonly [text: string, section?: string]>> = {
  calledNumber: ['Who is called; in TRANSFER, to whom.'],
  callingNumber: ['The number of the caller.'],
  callingAni: ['The number to be billed.'],
  callingName: ['The name of the caller.'],
  calledContext: ['In which context of the dialplan. Asterisk ignores it in TRANSFER.', '6.7'],
  username: ['By which account the sender is known there.', '4.4'],
  password: ['A password in the clear. RFC 5456 has dropped it; do not send it.', '4.4'],
  capability: ['All codecs that the sender can.', '4.5'],
  format: ['In NEW the codec that it would like best, in ACCEPT the one agreed.', '4.5'],
  language: ['The language of announcements.'],
  version: ['Of the protocol: always 2.', '4.2'],
  adsicpe: ['What an ADSI device can.'],
  dnid: ['The number that was dialled at first.'],
  authMethods: ['By which ways the sender lets somebody prove who they are.', '4.4'],
  challenge: ['To be hashed together with the secret.', '4.4'],
  md5Result: ['MD5 of challenge and secret, in hexadecimal, nothing in between.', '4.4'],
  rsaResult: ['The challenge signed by RSA.', '4.4'],
  apparentAddress: ['Where the sender of the frame sees somebody: in TXREQ the other end, in REGACK the registrant. A raw socket address, whose family stands in the order of the machine that wrote it.', '2.5'],
  refresh: ['How long a registration is to last, or does.', '5.4'],
  dialPlanStatus: ['Whether digits are a number already.', '5.5'],
  callNumber: ["In TXREQ, TXREL and TXMEDIA the number that the other end has; in TXREADY the sender's own. It does not change in a transfer.", '6.2'],
  cause: ['Why, in words.'],
  iaxUnknown: ['Which command is not known.'],
  messageCount: ['Messages waiting: new and old.'],
  autoAnswer: ['Answer at once, please.', '4.2'],
  musicOnHold: ['Play music to whoever is behind you meanwhile.', '5.2'],
  transferId: ['Names the attempt: the same in both TXREQ and in the TXCNT of both ends. The only thing by which a stranger is told from the other end.', '6.2'],
  rdnis: ['The number that sent the call on.'],
  provisioning: ['Settings of a device.'],
  aesProvisioning: ['Settings of a device, encrypted.'],
  dateTime: ['The time there, in steps of two seconds.'],
  deviceType: ['What kind of device asks for firmware.'],
  serviceIdent: ['Which device asks for settings.'],
  firmwareVersion: ['Which firmware.'],
  firmwareBlock: ['Which piece of the firmware.'],
  firmwareData: ['A piece of firmware.'],
  provisioningVersion: ['Which settings.'],
  callingPresentation: ['Whether the number of the caller may be shown.'],
  callingTon: ['What kind of number that of the caller is.'],
  callingTns: ['Over which network the call is to go.'],
  samplingRate: ['At which rates the sender can sample.'],
  causeCode: ['Why, as a number of Q.850: 16 normal, 17 busy, 19 no answer, 3 no route.'],
  encryption: ['How frames may be encrypted. An encrypted leg takes no part in a native transfer.', '1.5'],
  encryptionKey: ['A key.', '1.5'],
  codecPreferences: ['Codecs in the order of liking, a letter each.', '4.5'],
  receivedJitter: ['Jitter of what was received.'],
  receivedLoss: ['How much was lost of what should have been received.'],
  receivedPackets: ['How many frames were received.'],
  receivedDelay: ['How long the jitter buffer is.'],
  receivedDropped: ['How many frames were dropped.'],
  receivedOutOfOrder: ['How many frames came out of order.'],
  variable: ['A variable, name=value. RFC 5456 gives this number to another element.', '2.4'],
  ospToken: ['A token of the open settlement protocol.', '2.4'],
  callToken: ['Empty: "ask me for a token". Else the token that the server gave, which proves that the sender is where it says.', '4.3'],
  capability2: ['All codecs that the sender can, in 64 bits. It counts more than CAPABILITY.', '2.4'],
  format2: ['The codec in 64 bits. It counts more than FORMAT.', '2.4'],
  callingAni2: ['What kind of line the caller has.'],
};

/** Numbers above those of RFC 5456, and one that it gives to another element: the field's. */
const ofTheField: ReadonlySet<ElementName> = new Set(['variable', 'ospToken', 'callToken', 'capability2', 'format2', 'callingAni2']);

export function elementHelp(name: ElementName): FrameHelp {
  const [text, section = '2.4'] = elements[name];
  return { text, rule: ofTheField.has(name) ? reference(section) : both('8.6', section) };
}
