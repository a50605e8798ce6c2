import assert from 'node:assert/strict';
import { it } from 'node:test';
import { placeOfOctet } from '../../../src/capture';
import { writeOctets } from '../../../src/capture/trace-octets';

/** Every octet of these must stand where the text has it. */
const samples = ['a: b\r\nc: d\r\n\r\nbody', '# comment\r\n== m1\r\n', 'back\\slash\ttab\r\n', 'Zoë: ünder\r\n', '\xff\xfe: x\r\nend', '', '\r\n', 'blank \r\nx'];

for (const sample of samples) {
  it(`finds each octet of ${JSON.stringify(sample)} in the text of the trace`, () => {
    const isText = !/[\xfe\xff]/u.test(sample);
    const bytes = Buffer.from(sample, isText ? 'utf8' : 'latin1');
    const lines = writeOctets(bytes).split('\n');
    for (let octet = 0; octet < bytes.length; octet += 1) {
      const value = bytes[octet] ?? 0;
      // The middle of a character, and the line end, have no place of their own.
      if (value === 0x0d || value === 0x0a || (isText && value >= 0x80)) continue;
      const { line, column } = placeOfOctet(bytes, octet);
      const there = lines[line]?.slice(column) ?? '';
      const character = String.fromCharCode(value);
      assert.match(there.slice(0, 4), character === there.charAt(0) ? /^/u : /^\\/u, `octet ${octet}`);
    }
    assert.deepEqual(placeOfOctet(bytes, 0), { line: 0, column: 0 });
  });
}
