import { encodeTime } from 'ulid';
import type { Clock, Ids } from '../../shared/ports/clock.ts';

/** Digits of a ULID's part after its time. */
const SEQUENCE_LENGTH = 16;

/** Deterministic ULIDs: the clock's time and a running number, so that runs can be compared. */
export class SequentialIds implements Ids {
  readonly #clock: Clock;
  #issued = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(): string {
    this.#issued += 1;
    // Decimal digits are Crockford digits too and keep the order.
    const sequence = String(this.#issued).padStart(SEQUENCE_LENGTH, '0');
    return encodeTime(this.#clock.now().getTime()) + sequence;
  }
}
