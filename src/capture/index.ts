export type { CaptureFile, CaptureNote, ReadPacket } from './capture-file';
export type { CapturedPacket } from './captured-packet';
export { packetsOfJournal } from './from-journal';
export { type FrameLine, frameLines, octetAtPlace } from './frame-text';
export { placeOfOctet, type TextPlace, writeOctets } from './trace-octets';
export { writePcap } from './pcap-writer';
export { type PcapngOptions, writePcapng } from './pcapng-writer';
export { readCapture, readCaptureInSteps } from './read-capture';
export { followTrace, type FormatOptions, formatTrace, type LineRange, type ParsedMessage, type ParsedTrace, parseTrace, placesInBlock, readTrace, type SegmentOptions, type TraceFault, type TraceSegment, traceSegments, TraceText } from './sip-trace';
