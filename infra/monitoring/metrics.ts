import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, type MetricName } from '../../shared/config/metric-names.ts';
import { FUNCTION_NAMES, type FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';

/** A metric that the functions emit. Its one dimension is the installation. */
export function pipelineMetric(
  names: Names,
  metricName: MetricName,
  statistic: 'Sum' | 'Maximum',
  period: Duration,
): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { Installation: names.installation },
    statistic,
    period,
  });
}

/** A metric that Lambda emits for one function. */
export function functionMetric(
  names: Names,
  name: FunctionName,
  metricName: 'Errors' | 'Throttles' | 'Duration',
): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: names.functionName(name) },
    statistic: metricName === 'Duration' ? 'Maximum' : 'Sum',
    period: Duration.minutes(5),
    label: name,
  });
}

/** Messages that wait in the queue of failed events. */
export function failedEvents(names: Names): Metric {
  return new Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: names.deadLetterQueue },
    statistic: 'Maximum',
    period: Duration.minutes(5),
  });
}

/** One metric for each function, for a graph. */
export function ofEveryFunction(names: Names, metricName: 'Errors' | 'Throttles' | 'Duration') {
  return FUNCTION_NAMES.map((name) => functionMetric(names, name, metricName));
}
