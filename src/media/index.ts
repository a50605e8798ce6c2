export type { ReceiveStatistics } from './audio-receiver';
export type { SendStatistics } from './audio-sender';
export {
  type AudioFormat,
  AudioSession,
  type AudioSessionOptions,
  type AudioStatistics,
  type Sound,
} from './audio-session';
export { DtmfReceiver } from './dtmf-receiver';
export { type DtmfPacket, DtmfSender } from './dtmf-sender';
export { BlockCutter, Ear, type EarOptions, type Heard } from './ear';
export { decodeSample, decodeSamples, encodeSample, encodeSamples, type Law, linearOf, sampleRate } from './g711';
export { buildRtp, findRtpProblem, RtpPacket, type RtpParts, type RtpProblem } from './rtp-packet';
export { type Arrival, SequenceTracker } from './sequence-tracker';
export {
  areKeys,
  buildTelephoneEvent,
  eventOfKey,
  keyOfEvent,
  parseTelephoneEvent,
  type TelephoneEvent,
} from './telephone-event';
export { ToneDetector } from './tone-detector';
export {
  HOLD_TONE,
  phoneTone,
  phoneToneCount,
  samplesPerFrame,
  type Tone,
  toneFrame,
  ToneFrames,
  toneSamples,
  voiceOf,
} from './tones';
export { VoiceSession, type VoiceSessionOptions } from './voice-session';
