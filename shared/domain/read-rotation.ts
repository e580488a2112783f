import { createHash } from 'node:crypto';

/** Every byte of every copy is read at least once in this many days. */
export const READ_WITHIN_DAYS = 100;

/**
 * Days after which an object is read whatever else there is to read. The daily run may fail five
 * times in a row before `READ_WITHIN_DAYS` is broken.
 */
export const READ_DUE_DAYS = 95;

const DAY_MS = 86_400_000;

/** What was read within half a day counts towards the present share: a run may be repeated. */
const SAME_DAY_MS = DAY_MS / 2;

/** One copy of one object, as the rotation sees it. */
export interface RotatedObject {
  /** Ciphertext bytes. */
  readonly size: number;
  readonly writtenAt: Date;
  /** When all of it was last read and whole; `null` for never. */
  readonly verifiedAt: Date | null;
}

/** @returns for how many days the object was not read, fractions included. */
export function unreadDays({ writtenAt, verifiedAt }: RotatedObject, now: Date): number {
  return (now.getTime() - (verifiedAt ?? writtenAt).getTime()) / DAY_MS;
}

/** Chooses objects of one copy; asked about each of them once, in any order. */
export type ChooseObject = (object: RotatedObject) => boolean;

/**
 * The daily share of one copy of one vault: what is due, and beyond that, oldest first, one
 * `READ_DUE_DAYS`th of all bytes, so that the bytes of one day are not all due on one day again.
 *
 * Objects are shown to it once and not kept. It counts bytes by whole days unread; these counts
 * give the age from which on everything is taken, and how many bytes of that very age.
 *
 * Why no byte stays unread for `READ_WITHIN_DAYS`: an object at or beyond `READ_DUE_DAYS` is always
 * chosen, and one not chosen is younger than that until the next run.
 */
export class ReadRotation {
  readonly #now: Date;
  /** Bytes by whole days unread; the last element holds all that is due. */
  readonly #bytesByAge: number[] = new Array(READ_DUE_DAYS + 1).fill(0);
  #bytes = 0;
  #readToday = 0;

  constructor(now: Date) {
    this.#now = now;
  }

  add(object: RotatedObject): void {
    const { size, verifiedAt } = object;
    const age = wholeDays(object, this.#now);
    this.#bytesByAge[age] = (this.#bytesByAge[age] ?? 0) + size;
    this.#bytes += size;
    if (verifiedAt !== null && this.#now.getTime() - verifiedAt.getTime() < SAME_DAY_MS) {
      this.#readToday += size;
    }
  }

  /** Bytes that the share has; more when more is due, on average of all days never less. */
  get shareBytes(): number {
    const credit = this.#bytes / READ_DUE_DAYS - this.#readToday;
    return Math.max(0, Math.ceil(credit), this.#bytesByAge[READ_DUE_DAYS] ?? 0);
  }

  /**
   * @param chance - from 0 to below 1. An object larger than what is left of the share is taken
   * with the probability that makes the bytes read on average those of the share: a vault of few
   * or large objects would otherwise read too much every day, or everything on one day.
   */
  share(chance: number): ChooseObject {
    let credit = this.#bytes / READ_DUE_DAYS - this.#readToday;
    let cut = READ_DUE_DAYS;
    for (; cut > 0 && credit > (this.#bytesByAge[cut] ?? 0); cut -= 1) {
      credit -= this.#bytesByAge[cut] ?? 0;
    }
    const now = this.#now;
    return (object) => {
      const age = wholeDays(object, now);
      if (age > cut || age === READ_DUE_DAYS) {
        return true;
      }
      if (age < cut || credit <= 0) {
        return false;
      }
      const taken = object.size <= credit || chance < credit / object.size;
      credit = object.size <= credit ? credit - object.size : 0;
      return taken;
    };
  }
}

function wholeDays(object: RotatedObject, now: Date): number {
  return Math.min(Math.max(Math.floor(unreadDays(object, now)), 0), READ_DUE_DAYS);
}

/** @returns a number from 0 to below 1 that looks random and is always the same for a text. */
export function chanceOf(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}
