export type { CapturedPacket } from './captured-packet';
export { writePcap } from './pcap-writer';
export { type PcapngOptions, writePcapng } from './pcapng-writer';
