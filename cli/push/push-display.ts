import type { SkipReason } from '../../shared/domain/skip-reason.ts';
import type { PushProgress } from '../../shared/push/push-progress.ts';
import { count, size } from '../render.ts';

/**
 * Where progress is shown:
 * - `bar`: a terminal, one line that is written over
 * - `lines`: a file or a pipe, one line now and then
 * - `events`: `--json`, one JSON document a line
 */
export interface Screen {
  readonly kind: 'bar' | 'lines' | 'events';
  readonly write: (text: string) => void;
  /** Of the terminal. */
  readonly columns: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

interface PushIds {
  readonly runId: string;
  readonly snapshotId: string;
}

/** How much there is to push. */
export interface PushTotal {
  readonly records: number;
  readonly bytes: number;
}

/** Milliseconds between two states of the display: a bar is to move, a log is to stay readable. */
const INTERVAL_MS = { bar: 200, lines: 10_000, events: 1_000 } as const;

/** Most paths told of as left out, except with `--json`: the rest is only counted. */
const MOST_PATHS_TOLD = 20;

const BAR_WIDTH = 20;

/** A record costs about as much time as this many bytes, however small it is. */
const BYTES_PER_RECORD = 16 * 1024;

/** Shows how far a push is, on stderr. */
export class PushDisplay {
  readonly #screen: Screen;
  readonly #startedAt: number;
  readonly #skipped = new Map<SkipReason, number>();
  #total: PushTotal | undefined;
  #told: number;
  #isBarShown = false;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#startedAt = screen.now();
    this.#told = this.#startedAt;
  }

  /** Whether a total is worth a walk through the folder before the push. */
  get wantsTotal(): boolean {
    return this.#screen.kind === 'bar';
  }

  /** What was left out, per reason. */
  get skipped(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#skipped);
  }

  get skippedCount(): number {
    return [...this.#skipped.values()].reduce((sum, number) => sum + number, 0);
  }

  begin({ runId, snapshotId }: PushIds, total: PushTotal | undefined): void {
    this.#total = total;
    if (this.#screen.kind === 'events') {
      this.#event({ event: 'begun', runId, snapshotId });
    } else {
      this.#line(`Push ${runId} is under way.`);
    }
  }

  skip(path: string, reason: SkipReason): void {
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
    if (this.#screen.kind === 'events') {
      this.#event({ event: 'skipped', path, reason });
    } else if (this.skippedCount <= MOST_PATHS_TOLD) {
      this.#line(`Left out (${reason}): ${path.replace(/\p{Cc}/gu, '?')}`);
    } else if (this.skippedCount === MOST_PATHS_TOLD + 1) {
      this.#line('More is left out; "--json" tells of everything.');
    }
  }

  update(done: PushProgress): void {
    const now = this.#screen.now();
    if (now - this.#told < INTERVAL_MS[this.#screen.kind]) {
      return;
    }
    this.#told = now;
    const seconds = (now - this.#startedAt) / 1000;
    switch (this.#screen.kind) {
      case 'events': {
        const { partBytes, ...counts } = done;
        this.#event({ event: 'progress', ...counts, bytes: done.bytes + partBytes, seconds });
        return;
      }
      case 'lines':
        this.#line(`${describe(done)} (${rate(done, seconds)}).`);
        return;
      case 'bar':
        this.#bar(done, seconds);
    }
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#isBarShown) {
      this.#screen.write('\r\u001b[K');
      this.#isBarShown = false;
    }
  }

  #bar(done: PushProgress, seconds: number): void {
    const total = this.#total ?? { records: 0, bytes: 0 };
    const bytes = done.bytes + done.partBytes;
    const share = Math.min(
      1,
      ratio(workOf(done.records, bytes), workOf(total.records, total.bytes)),
    );
    const filled = Math.floor(share * BAR_WIDTH);
    const left = share > 0 ? (seconds / share) * (1 - share) : undefined;
    const text = [
      `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}]`,
      `${Math.floor(share * 100)}%`,
      ...(left === undefined ? [] : [`${duration(left)} left`]),
      rate(done, seconds),
      describe(done),
    ].join('  ');
    // A line that wraps could not be written over.
    this.#screen.write(`\r${text.slice(0, this.#screen.columns - 1)}\u001b[K`);
    this.#isBarShown = true;
  }

  #line(text: string): void {
    this.end();
    this.#screen.write(`${text}\n`);
  }

  #event(event: object): void {
    this.#screen.write(`${JSON.stringify(event)}\n`);
  }
}

function describe({ records, bytes, partBytes }: PushProgress): string {
  return `${count(records, 'record')}, ${size(bytes + partBytes)}`;
}

/** Of what was read: what is carried forward costs next to nothing. */
function rate({ readBytes, partBytes }: PushProgress, seconds: number): string {
  return `${size(Math.round((readBytes + partBytes) / Math.max(seconds, 0.001)))}/s read`;
}

function workOf(records: number, bytes: number): number {
  return bytes + records * BYTES_PER_RECORD;
}

function ratio(done: number, total: number): number {
  return total === 0 ? 1 : done / total;
}

/** @returns such as `1:23` or `2:01:23`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part));
  const [minutes = '0', rest = '0'] = parts;
  const hours = Math.floor(whole / 3600);
  const tail = rest.padStart(2, '0');
  return hours > 0 ? `${hours}:${minutes.padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}
