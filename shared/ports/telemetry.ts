import type { MetricName } from '../config/metric-names.ts';

/**
 * What the pipeline says of itself: log events and metrics. Fields are ids, counts, states and
 * error codes; never a name, a path or content. Nothing is thrown and nothing is awaited.
 */
export interface Telemetry {
  event(name: string, fields: Readonly<Record<string, string | number | boolean | null>>): void;
  /** Adds to a metric of the `Holdfast` namespace. It has no dimension but the installation. */
  measure(metric: MetricName, value: number): void;
}
