import type { Milliseconds } from '../core';
import { parseDuration } from './duration';
import type { YamlValue } from './yaml-value';

/** Notes a problem and takes 0 when the value is no time. */
export function readDuration(value: YamlValue): Milliseconds {
  const text = value.text('a time with its unit');
  const duration = text === undefined ? undefined : parseDuration(text);
  if (text !== undefined && duration === undefined) value.problem(`"${text}" is no time.`, 'Write a number and its unit: 200ms, 5s, 2min.');
  return duration ?? 0;
}
