import type { Milliseconds } from '../core';

const units: Readonly<Record<string, Milliseconds>> = { ms: 1, s: 1_000, min: 60_000 };

/** Reads `200ms`, `1.5s` or `2min`; undefined for anything else. A number alone says nothing of its unit. */
export function parseDuration(text: string): Milliseconds | undefined {
  const match = /^(?<number>\d+(?:\.\d+)?) ?(?<unit>ms|s|min)$/u.exec(text.trim());
  const unit = units[match?.groups?.['unit'] ?? ''];
  return unit === undefined ? undefined : Number(match?.groups?.['number']) * unit;
}

/** `200 ms`, `1.5 s`: for people. */
export function formatDuration(duration: Milliseconds): string {
  return duration < 1_000 ? `${Math.round(duration)} ms` : `${Number((duration / 1_000).toFixed(1))} s`;
}
