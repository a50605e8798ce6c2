import type { ByteRange } from '../../core';

/** What is wrong with octets. The code never changes its meaning. */
export interface IaxFault {
  readonly code:
    | 'iax-short'
    | 'iax-meta-command'
    | 'iax-trunk-entry'
    | 'iax-element-cut'
    | 'iax-element-length'
    | 'iax-element-value';
  readonly range: ByteRange;
  readonly text: string;
}

/** Octets that are no IAX2 frame at all; they are dropped without an answer. */
export class IaxFrameError extends Error {
  readonly fault: IaxFault;

  constructor(fault: IaxFault) {
    super(fault.text);
    this.name = 'IaxFrameError';
    this.fault = fault;
  }
}
