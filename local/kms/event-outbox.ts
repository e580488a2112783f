import type { AwsEvent, EventBus } from '../events/event-bus.ts';
import type { KeyStore } from './key-store.ts';

/**
 * Events on their way to the bus. They are written in the transaction of the change they tell of
 * and removed once the bus took them, so none is lost by a crash. A process killed while the bus
 * is taking one delivers that one again, under the same id, as EventBridge itself may do.
 */
export class EventOutbox {
  readonly #store: KeyStore;
  readonly #bus: EventBus;
  readonly #onError: (error: unknown) => void;
  #running: Promise<void> | undefined;
  #held: boolean;
  #stopped = false;

  /** @param options.held - keep events back until `drain` is first called. */
  constructor(options: {
    store: KeyStore;
    bus: EventBus;
    held: boolean;
    onError: (error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#bus = options.bus;
    this.#held = options.held;
    this.#onError = options.onError;
  }

  /** Notes an event. Call it inside the transaction of the change. */
  record(event: AwsEvent): void {
    this.#store.sql('INSERT INTO outbox (event) VALUES (?)').run(JSON.stringify(event));
  }

  /** Starts delivering without waiting; a failure is reported and tried again at the next call. */
  kick(): void {
    if (!this.#held) this.#deliver().catch(this.#onError);
  }

  /** Resolves when every event recorded so far has been taken by the bus; rejects if it refuses. */
  async drain(): Promise<void> {
    this.#held = false;
    await this.#deliver();
  }

  /** Lets the delivery under way end and starts no other. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running?.catch(this.#onError);
  }

  #deliver(): Promise<void> {
    this.#running ??= this.#deliverAll();
    return this.#running;
  }

  async #deliverAll(): Promise<void> {
    // Without this the loop could end, and clear `#running`, before `#deliver` has even set it.
    await Promise.resolve();
    try {
      while (!this.#stopped) {
        const row = this.#store
          .sql('SELECT position, event FROM outbox ORDER BY position LIMIT 1')
          .get();
        if (row === undefined) return;
        await this.#bus.put(JSON.parse(String(row.event)) as AwsEvent);
        this.#store.sql('DELETE FROM outbox WHERE position = ?').run(row.position ?? null);
      }
    } finally {
      this.#running = undefined;
    }
  }
}
