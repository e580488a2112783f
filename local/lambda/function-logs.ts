import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MetricPoint, parseEmbeddedMetrics } from './embedded-metrics.ts';

/** Metric points kept in memory; the oldest go first. */
const METRIC_POINT_LIMIT = 20_000;

/**
 * What functions print: one file per function, `DIR/logs/<function-name>.log`, appended line by
 * line before the invocation's result is given out. Metrics are read from the lines as they pass.
 */
export class FunctionLogs {
  readonly #directory: string;
  readonly #partial = new Map<string, string>();
  readonly #metrics: MetricPoint[] = [];

  constructor(dataDirectory: string) {
    this.#directory = join(dataDirectory, 'logs');
    mkdirSync(this.#directory, { recursive: true });
  }

  /** Appends text as printed; a line may come in several pieces. */
  append(functionName: string, text: string): void {
    appendFileSync(this.#file(functionName), text);
    const lines = ((this.#partial.get(functionName) ?? '') + text).split('\n');
    this.#partial.set(functionName, lines.pop() ?? '');
    for (const line of lines) {
      this.#metrics.push(...parseEmbeddedMetrics(line));
    }
    if (this.#metrics.length > METRIC_POINT_LIMIT) {
      this.#metrics.splice(0, this.#metrics.length - METRIC_POINT_LIMIT);
    }
  }

  /** Names of the functions that have printed something, from earlier runs too. */
  names(): string[] {
    return readdirSync(this.#directory)
      .filter((file) => file.endsWith('.log'))
      .map((file) => file.slice(0, -'.log'.length))
      .sort();
  }

  /** The whole log of one function, or `undefined` when it has none. */
  read(functionName: string): string | undefined {
    const file = this.#file(functionName);
    return /^[\w-]+$/.test(functionName) && existsSync(file)
      ? readFileSync(file, 'utf8')
      : undefined;
  }

  /** Metric points of this process's lifetime, oldest first. */
  metrics(): readonly MetricPoint[] {
    return this.#metrics;
  }

  #file(functionName: string): string {
    return join(this.#directory, `${functionName}.log`);
  }
}
