import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsRemark, hasNoSignalling, isTooLong, notesRemark } from '../../../src/vscode/sources/words';

test('a file that is too long is told with both sizes, in whole megabytes', () => {
  assert.equal(isTooLong('a.pcap', 200_000_001, 200_000_000), 'a.pcap has 201 MB; ladders are drawn of up to 200 MB. Cut a part out of it and open that.');
});

test('a capture without signalling is told apart from one without packets', () => {
  assert.equal(hasNoSignalling('a.pcap', { frames: 0, packets: [] }), 'There is no packet in a.pcap.');
  assert.match(hasNoSignalling('a.pcap', { frames: 7, packets: [] }), /nor anything else over UDP or TCP \(frames read: 7\)/);
  assert.equal(hasNoSignalling('a.pcap', { frames: 1, packets: [{}] }), 'There is neither SIP nor IAX2 in a.pcap (frames read: 1).');
});

test('what could not be read of a trace is counted, and its first line named as editors count', () => {
  const fault = { line: 4, text: 'this header line cannot be read' };
  assert.equal(faultsRemark([]), '');
  assert.equal(faultsRemark([fault]), 'Line 5 could not be read: this header line cannot be read.');
  assert.equal(faultsRemark([fault, { line: 9, text: 'x' }]), '2 lines could not be read; the first is line 5: this header line cannot be read.');
});

test('of what is amiss in a capture the first is told, and how much more there is', () => {
  assert.equal(notesRemark([]), '');
  assert.equal(notesRemark([{ frame: 0, text: 'The file ends within a packet.' }]), 'The file ends within a packet.');
  assert.equal(notesRemark([{ frame: 3, text: 'A.' }, { frame: 4, text: 'B.' }]), 'Frame 3: A. (remarks in all: 2)');
});
