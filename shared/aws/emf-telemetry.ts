import { METRIC_NAMESPACE, type MetricName } from '../config/metric-names.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export interface EmfTelemetryOptions {
  readonly installation: string;
  readonly clock: Clock;
  /** Takes one line without its end; default: standard output, which Lambda sends to CloudWatch. */
  readonly writeLine?: (line: string) => void;
}

/** What replaces a text that is not known to be harmless. */
const WITHHELD = '[withheld]';

/**
 * Fields whose text may be logged, besides those that end in `Id`. A field that is not named here
 * keeps its numbers and flags but loses its text: whoever needs it adds it, and so thinks about it.
 */
const TEXT_FIELDS: ReadonlySet<string> = new Set([
  'action',
  'answer',
  'code',
  'copy',
  'eventName',
  'failure',
  'failure',
  'from',
  'function',
  'keyArn',
  'kind',
  'object',
  'outcome',
  'place',
  'place',
  'region',
  'route',
  'state',
  'states',
  'step',
  'to',
]);

/**
 * What their text may look like: ids, codes, ARNs, object keys made of ids, `GET /path` of a route.
 * No other spaces and no letters beyond ASCII, so that a sentence or a Chinese name never fits.
 */
const HARMLESS = /^(?:(?:GET|POST|PUT|DELETE) )?[A-Za-z0-9:/_.,@{}$+=-]{1,256}$/;

/**
 * Log events and metrics as JSON lines. Metrics use CloudWatch's Embedded Metric Format, so they
 * cost no call. Their only dimension is the installation.
 */
export class EmfTelemetry implements Telemetry {
  readonly #installation: string;
  readonly #clock: Clock;
  readonly #writeLine: (line: string) => void;

  constructor(options: EmfTelemetryOptions) {
    this.#installation = options.installation;
    this.#clock = options.clock;
    this.#writeLine = options.writeLine ?? ((line) => void process.stdout.write(`${line}\n`));
  }

  event(name: string, fields: Parameters<Telemetry['event']>[1]): void {
    const kept = Object.entries(fields).map(([key, value]) => [key, harmless(key, value)]);
    const time = this.#clock.now().toISOString();
    const head = { time, installation: this.#installation, event: name };
    this.#writeLine(JSON.stringify({ ...Object.fromEntries(kept), ...head }));
  }

  measure(metric: MetricName, value: number): void {
    const directive = {
      Namespace: METRIC_NAMESPACE,
      Dimensions: [['Installation']],
      Metrics: [{ Name: metric }],
    };
    this.#writeLine(
      JSON.stringify({
        _aws: { Timestamp: this.#clock.now().getTime(), CloudWatchMetrics: [directive] },
        Installation: this.#installation,
        [metric]: value,
      }),
    );
  }
}

function harmless(
  key: string,
  value: string | number | boolean | null,
): string | number | boolean | null {
  if (typeof value !== 'string') {
    return value;
  }
  const isAllowed = TEXT_FIELDS.has(key) || key.endsWith('Id');
  return isAllowed && HARMLESS.test(value) ? value : WITHHELD;
}
