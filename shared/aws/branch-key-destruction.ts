import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HoldfastError } from '../domain/errors.ts';
import { daysAfter } from '../domain/lock.ts';
import type { Clock } from '../ports/clock.ts';
import type { KeyDestruction, KeyState } from '../ports/key-custody.ts';
import { BranchKeyItems } from './branch-key-items.ts';
import { ownerOf } from './kms-faults.ts';

/**
 * Suspends and deletes branch keys. No service waits here: the date of a deletion is an item beside
 * the key, and `destroyDue` deletes once it has passed.
 */
export class BranchKeyDestruction implements KeyDestruction {
  readonly #clientOf: (region: string) => DynamoDBClient;
  readonly #clock: Clock;

  constructor(options: { clientOf: (region: string) => DynamoDBClient; clock: Clock }) {
    this.#clientOf = options.clientOf;
    this.#clock = options.clock;
  }

  async disable(name: string): Promise<void> {
    await this.#reach(name, ['Disabled', 'PendingDeletion'], ['Enabled'], (items) =>
      items.suspend(),
    );
  }

  async enable(name: string): Promise<void> {
    await this.#reach(name, ['Enabled'], ['Disabled'], (items) => items.resume());
  }

  async scheduleDeletion(name: string, windowDays: number): Promise<Date> {
    await this.disable(name);
    const date = daysAfter(this.#clock.now(), windowDays);
    const { deletionDate } = await this.#reach(name, ['PendingDeletion'], ['Disabled'], (items) =>
      items.schedule(date),
    );
    return deletionDate ?? date;
  }

  async cancelDeletion(name: string): Promise<void> {
    await this.#reach(name, ['Enabled', 'Disabled'], ['PendingDeletion'], (items) =>
      items.unschedule(),
    );
  }

  async destroyDue(name: string): Promise<boolean> {
    const items = this.#itemsOf(name);
    const { state, deletionDate } = await items.state();
    if (deletionDate !== null && deletionDate <= this.#clock.now()) {
      await items.delete(deletionDate);
      return (await items.state()).state === 'Gone';
    }
    return state === 'Gone';
  }

  state(name: string): Promise<KeyState> {
    return this.#itemsOf(name).state();
  }

  /**
   * Takes a step from one of the states it starts at; what is `done` already is left alone.
   * @returns the state it is in then.
   */
  async #reach(
    name: string,
    done: readonly KeyState['state'][],
    from: readonly KeyState['state'][],
    step: (items: BranchKeyItems) => Promise<boolean>,
  ): Promise<KeyState> {
    const items = this.#itemsOf(name);
    const before = await items.state();
    if (done.includes(before.state)) {
      return before;
    }
    if (!from.includes(before.state)) {
      throw new HoldfastError('KEYS_UNUSABLE', { ...ownerOf(name), states: before.state });
    }
    await step(items);
    const after = await items.state();
    if (!done.includes(after.state)) {
      // Somebody else changes it just now.
      throw new HoldfastError('KEYS_UNAVAILABLE', ownerOf(name));
    }
    return after;
  }

  #itemsOf(name: string): BranchKeyItems {
    return new BranchKeyItems(name, this.#clientOf);
  }
}
