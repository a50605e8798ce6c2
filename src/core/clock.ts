import type { Disposable } from './disposable';

/** Milliseconds on a clock's own, monotonic scale. */
export type Milliseconds = number;

/**
 * The only source of time in the engine. `now` never goes back; its origin is the clock's own, so only differences mean
 * something. Timers with the same due time fire in the order of their setting.
 */
export interface Clock {
  now(): Milliseconds;
  /** Calls `callback` once, `delay` from now; disposing of the result before then prevents it. */
  setTimer(delay: Milliseconds, callback: () => void): Disposable;
  /** Timers set and not yet fired or disposed of. Zero after a clean stop. */
  readonly pendingTimers: number;
}

/** The machine's monotonic clock. */
export class RealClock implements Clock {
  readonly #pending = new Set<NodeJS.Timeout>();

  now(): Milliseconds {
    return performance.now();
  }

  setTimer(delay: Milliseconds, callback: () => void): Disposable {
    const handle = setTimeout(() => {
      this.#pending.delete(handle);
      callback();
    }, Math.max(0, delay));
    this.#pending.add(handle);
    return {
      dispose: () => {
        clearTimeout(handle);
        this.#pending.delete(handle);
      },
    };
  }

  get pendingTimers(): number {
    return this.#pending.size;
  }
}

interface VirtualTimer {
  readonly due: Milliseconds;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/**
 * A clock that moves only when told to: thirty-two seconds of Timer B pass in microseconds, and the same run gives the
 * same order of events every time.
 */
export class VirtualClock implements Clock {
  #now: Milliseconds;
  #order = 0;
  #live = 0;
  /** A binary min-heap on (due, order). */
  readonly #heap: VirtualTimer[] = [];

  constructor(start: Milliseconds = 0) {
    this.#now = start;
  }

  now(): Milliseconds {
    return this.#now;
  }

  get pendingTimers(): number {
    return this.#live;
  }

  setTimer(delay: Milliseconds, callback: () => void): Disposable {
    const timer: VirtualTimer = {
      due: this.#now + Math.max(0, delay),
      order: this.#order++,
      callback,
      cancelled: false,
    };
    this.#live += 1;
    this.#push(timer);
    return {
      dispose: () => {
        if (timer.cancelled) return;
        timer.cancelled = true;
        this.#live -= 1;
      },
    };
  }

  /** When the next live timer is due, or `undefined` when none is set. */
  get nextDue(): Milliseconds | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.due;
  }

  /** Moves to the next due time and fires that one timer. Returns false when no timer is set. */
  step(): boolean {
    this.#dropCancelled();
    const timer = this.#pop();
    if (timer === undefined) return false;
    this.#now = timer.due;
    timer.cancelled = true;
    this.#live -= 1;
    timer.callback();
    return true;
  }

  /** Fires all that falls due within the next `duration`, then stands exactly `duration` later. */
  advance(duration: Milliseconds): void {
    const end = this.#now + duration;
    for (let due = this.nextDue; due !== undefined && due <= end; due = this.nextDue) this.step();
    this.#now = end;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled === true) this.#pop();
  }

  #push(timer: VirtualTimer): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(timer, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = timer;
  }

  #pop(): VirtualTimer | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
    return top;
  }
}

function isBefore(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
