import type { MetricName } from '../../shared/config/metric-names.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';

type Fields = Parameters<Telemetry['event']>[1];

/** Keeps what was said, for assertions. */
export class MemoryTelemetry implements Telemetry {
  readonly events: { readonly name: string; readonly fields: Fields }[] = [];
  readonly measures: { readonly metric: MetricName; readonly value: number }[] = [];

  event(name: string, fields: Fields): void {
    this.events.push({ name, fields });
  }

  measure(metric: MetricName, value: number): void {
    this.measures.push({ metric, value });
  }

  /** @returns the sum of all values given for a metric. */
  total(metric: MetricName): number {
    return this.measures
      .filter((measure) => measure.metric === metric)
      .reduce((sum, measure) => sum + measure.value, 0);
  }

  /** @returns the fields of all events of a name, in order. */
  eventsNamed(name: string): Fields[] {
    return this.events.filter((event) => event.name === name).map(({ fields }) => fields);
  }
}
