import { say } from './texts';
import type { LadderLook } from './protocol';

/** A pause between two rows that deserves a mark, in milliseconds. */
export const longPause = 1_000;

/**
 * What the column of times says of a row: its time, all in milliseconds since the trace's start. `before` is the time of
 * the row before it, `origin` that of the start since 1970.
 */
export function timeText(kind: LadderLook['time'], at: number, before: number | undefined, origin: number | undefined): string {
  switch (kind) {
    case 'none':
      return '';
    case 'delta':
      return before === undefined ? seconds(at) : `+${seconds(Math.max(0, at - before))}`;
    case 'absolute':
      return origin === undefined ? seconds(at) : clockTime(new Date(origin + at));
    case 'relative':
      return seconds(at);
  }
}

/** `0.482`, `12:05.100`, `1:02:05.100` */
export function seconds(milliseconds: number): string {
  const whole = Math.floor(Math.max(0, milliseconds) / 1000);
  const rest = String(Math.floor(Math.max(0, milliseconds)) % 1000).padStart(3, '0');
  const [hours, minutes, left] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return `${hours}:${two(minutes)}:${two(left)}.${rest}`;
  return minutes > 0 ? `${minutes}:${two(left)}.${rest}` : `${left}.${rest}`;
}

/** `14:02:05.100`, local time. */
function clockTime(time: Date): string {
  const part = (value: number): string => two(value);
  return `${part(time.getHours())}:${part(time.getMinutes())}:${part(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `2.5 s later`, where the pause before a row is long. */
export function pauseText(at: number, before: number | undefined): string | undefined {
  if (before === undefined || at - before < longPause) return undefined;
  const passed = (at - before) / 1000;
  return say('{0} s later', passed < 10 ? passed.toFixed(1) : String(Math.round(passed)));
}
