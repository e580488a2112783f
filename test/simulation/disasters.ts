import type { SeededRandom } from '../../bench/seeded-random.ts';
import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import type { MemoryLedger } from '../support/memory-ledger.ts';
import type { Passed } from './daily-functions.ts';
import type { SimulatedWorld } from './simulated-world.ts';

/** Days within which a copy that was down must have got what it has missed. */
const SETTLING_DAYS = 5;

/** The long outage begins after this part of the time and lasts a month. */
const OUTAGE_AFTER = 0.4;
const MONTH_DAYS = 30;

/** A ledger is lost with all that was written since the evening before, or two evenings before. */
const LOST_DAYS = 2;

/** What befalls an installation: runs that are missed, Regions that are down, a lost ledger. */
export class Disasters {
  /** The copy whose Region is down. */
  down: CopyName | null = null;
  /** Whether its keys are down with it: then nothing can be written at all. */
  areKeysDown = false;
  readonly counts = { missedDays: 0, outageDays: 0, ledgersRestored: 0 };
  readonly #world: SimulatedWorld;
  readonly #random: SeededRandom;
  readonly #lastDay: number;
  #hadMonth = false;
  #downDays = 0;
  #missingDays = 0;
  #unsettled: { readonly copy: CopyName; days: number } | null = null;
  #lost: { readonly ledger: MemoryLedger; readonly mark: number; days: number } | null = null;
  #loseIn: number | null = null;

  constructor(world: SimulatedWorld, random: SeededRandom, lastDay: number) {
    this.#world = world;
    this.#random = random;
    this.#lastDay = lastDay;
  }

  get isMissing(): boolean {
    return this.#missingDays > 0 || this.isLosingTheDay;
  }

  /** What happens today will be forgotten by the ledger: so nobody decides anything. */
  get isLosingTheDay(): boolean {
    return this.#lost !== null;
  }

  get isAny(): boolean {
    const isWaiting = this.#unsettled !== null || this.#loseIn !== null;
    return this.down !== null || isWaiting || this.isLosingTheDay;
  }

  /** Copies that are not down and have all that they have missed. */
  get settled(): readonly CopyName[] {
    return COPY_NAMES.filter((copy) => copy !== this.down && copy !== this.#unsettled?.copy);
  }

  /** Has the ledger lost some days from now. */
  loseLedgerIn(days: number): void {
    this.#loseIn = days;
  }

  /** @param isOpen - whether anything new may befall. */
  begin(day: number, isOpen: boolean): void {
    const random = this.#random;
    if (this.#downDays === 0 && this.down !== null) {
      this.#bringUp();
    }
    if (this.#missingDays === 0 && isOpen && random.below(50) === 0) {
      this.#missingDays = 1 + random.below(4);
    }
    if (isOpen && !this.isAny) {
      this.#befall(day);
    }
    this.#world.extensions.isExcused = this.down !== null || this.#unsettled !== null;
    this.counts.missedDays += this.isMissing ? 1 : 0;
    this.counts.outageDays += this.down === null ? 0 : 1;
  }

  /** The evening: days pass, and a lost ledger is replaced by the one of the day before. */
  endDay(): void {
    this.#missingDays = Math.max(0, this.#missingDays - 1);
    this.#downDays = Math.max(0, this.#downDays - 1);
    if (this.#lost !== null) {
      this.#lost.days -= 1;
      if (this.#lost.days === 0) {
        this.#world.restoreLedger(this.#lost.ledger);
        this.#world.extensions.excuseSince(this.#lost.mark);
        this.#lost = null;
        this.counts.ledgersRestored += 1;
      }
    }
    if (this.#loseIn !== null) {
      this.#loseIn -= 1;
      if (this.#loseIn === 0) {
        this.#loseIn = null;
        this.#lose();
      }
    }
  }

  /** Takes note of what repair and renewal have done for a copy that was down. */
  settle(passed: Passed, repairs: readonly { readonly waiting?: unknown }[]): void {
    if (this.#unsettled === null || this.down !== null) {
      return;
    }
    // What a repair writes is held by the next pass that applies holds.
    const order = [...passed];
    const isHeld = order.indexOf('apply-holds') > order.indexOf('repair-copies');
    const isRepaired = isHeld && repairs.some(({ waiting }) => waiting === 0);
    this.#unsettled.days -= 1;
    const isOver = this.#unsettled.days <= 0;
    if (isOver || (isRepaired && passed.has('repair-copies') && passed.has('renew-locks'))) {
      this.#unsettled = null;
    }
  }

  #befall(day: number): void {
    const random = this.#random;
    if (!this.#hadMonth && day > this.#lastDay * OUTAGE_AFTER) {
      this.#hadMonth = true;
      this.#bringDown(MONTH_DAYS, false);
    } else if (random.below(300) === 0) {
      this.#bringDown(1 + random.below(3), true);
    } else if (random.below(150) === 0) {
      this.#loseIn = 1;
    }
  }

  #lose(): void {
    const mark = this.#world.extensions.mark();
    this.#lost = { ledger: this.#world.ledger().copy(), mark, days: LOST_DAYS };
  }

  #bringDown(days: number, withKeys: boolean): void {
    const { copies, custody } = this.#world.memory;
    const copy = this.#random.pick(COPY_NAMES);
    this.down = copy;
    this.areKeysDown = withKeys;
    this.#downDays = days;
    copies[copy].available = false;
    custody.available[copy] = !withKeys;
  }

  #bringUp(): void {
    const { copies, custody } = this.#world.memory;
    const copy = this.down as CopyName;
    copies[copy].available = true;
    custody.available[copy] = true;
    this.down = null;
    this.areKeysDown = false;
    this.#unsettled = { copy, days: SETTLING_DAYS };
  }
}
