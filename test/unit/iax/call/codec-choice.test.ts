import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCommand, decodeFrame, type ElementValues, type FullFrame } from '../../../../src/iax';
import { acceptedCodec, acceptElements, chooseCodec, offerElements, readOffer } from '../../../../src/iax/call/codec-choice';

function frame(command: 'NEW' | 'ACCEPT', elements: ElementValues): FullFrame {
  return buildCommand({ sourceCall: 2, destinationCall: 0, timestamp: 0, outgoingSequence: 0, incomingSequence: 0 }, command, elements);
}

describe('the choice of a codec (4.5)', () => {
  it('offers the favourite, all, and the letters that mean the same to everybody', () => {
    assert.deepEqual(offerElements(['PCMA', 'PCMU']), { codecPreferences: 'ED', format: 8, capability: 12 });
    assert.deepEqual(offerElements(['Opus']), { codecPreferences: '', format: 0, capability: 0, capability2: { version: 0, mask: 1n << 34n } });
  });

  it('takes the favourite of the caller, else the first of ours, else none', () => {
    const choose = (elements: ElementValues): string | undefined => chooseCodec(['PCMU', 'PCMA'], readOffer(frame('NEW', elements)));
    assert.equal(choose({ format: 8, capability: 12 }), 'PCMA');
    assert.equal(choose({ format: 2, capability: 14 }), 'PCMU');
    assert.equal(choose({ format: 8 }), 'PCMA');
    assert.equal(choose({ capability: 8 }), 'PCMA');
    assert.equal(choose({ format: 2, capability: 2 }), undefined);
    assert.equal(choose({}), undefined);
  });

  it('believes the long form where its version is 0', () => {
    const choose = (version: number): string | undefined => chooseCodec(['PCMU', 'PCMA'], readOffer(frame('NEW', { capability: 4, capability2: { version, mask: 8n } })));
    assert.deepEqual([choose(0), choose(1)], ['PCMA', 'PCMU']);
  });

  it('writes ACCEPT as Asterisk does, and reads its', () => {
    const real = decodeFrame(Buffer.from('945807d100000012010206070904000000043809000000000000000004', 'hex')) as FullFrame;
    assert.deepEqual(Buffer.from(frame('ACCEPT', acceptElements('PCMU')).data), Buffer.from(real.data));
    assert.equal(acceptedCodec(real), 'PCMU');
  });

  it('finds no codec in an ACCEPT that names several, none, or one without a name', () => {
    for (const elements of [{ format: 12 }, { format: 0 }, {}, { format: 0x4000_0000 }]) assert.equal(acceptedCodec(frame('ACCEPT', elements)), undefined);
  });
});
