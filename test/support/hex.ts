/** Octets as lines of 32, in hexadecimal; lines that begin with `#` are remarks. */
export function toHex(bytes: Uint8Array, remark: string): string {
  const lines = Buffer.from(bytes).toString('hex').match(/.{1,64}/g) ?? [];
  return [`# ${remark}`, ...lines, ''].join('\n');
}

export function fromHex(text: string): Buffer {
  const digits = text.split('\n').filter((line) => !line.startsWith('#'));
  return Buffer.from(digits.join(''), 'hex');
}
