/** One value of one metric that a function printed in CloudWatch's embedded metric format. */
export interface MetricPoint {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** ISO instant from the line itself. */
  readonly timestamp: string;
}

interface MetricDirective {
  readonly Namespace?: string;
  readonly Dimensions?: readonly (readonly string[])[];
  readonly Metrics?: readonly { readonly Name: string; readonly Unit?: string }[];
}

/** Reads the metrics out of one log line; a line that is no such JSON has none. */
export function parseEmbeddedMetrics(line: string): MetricPoint[] {
  if (!line.includes('"_aws"')) {
    return [];
  }
  const record = parseObject(line);
  const metadata = record?._aws as
    | { readonly Timestamp?: number; readonly CloudWatchMetrics?: readonly MetricDirective[] }
    | undefined;
  if (record === undefined || !Array.isArray(metadata?.CloudWatchMetrics)) {
    return [];
  }
  const timestamp = new Date(metadata.Timestamp ?? 0).toISOString();
  return metadata.CloudWatchMetrics.flatMap((directive) =>
    pointsOf(record, directive as MetricDirective, timestamp),
  );
}

function pointsOf(
  record: Readonly<Record<string, unknown>>,
  directive: MetricDirective,
  timestamp: string,
): MetricPoint[] {
  const sets = directive.Dimensions?.length ? directive.Dimensions : [[]];
  const points: MetricPoint[] = [];
  for (const metric of directive.Metrics ?? []) {
    for (const names of sets) {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(record[name])]));
      for (const value of [record[metric.Name]].flat()) {
        if (typeof value === 'number') {
          points.push({
            namespace: directive.Namespace ?? '',
            name: metric.Name,
            unit: metric.Unit ?? 'None',
            dimensions,
            value,
            timestamp,
          });
        }
      }
    }
  }
  return points;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
