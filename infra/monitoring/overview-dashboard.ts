import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRICS } from '../../shared/config/metric-names.ts';
import type { Names } from '../names.ts';
import { failedEvents, ofEveryFunction, pipelineMetric } from './metrics.ts';

const HALF = 12;
const HOUR = Duration.hours(1);

/** One page: is everything protected, what ran, what failed. */
export class OverviewDashboard extends Dashboard {
  constructor(scope: Construct, id: string, names: Names, alarms: IAlarm[]) {
    super(scope, id, { dashboardName: names.prefix, defaultInterval: Duration.days(7) });
    const sum = (metric: (typeof METRICS)[keyof typeof METRICS]): IMetric =>
      pipelineMetric(names, metric, 'Sum', HOUR);
    const most = (metric: (typeof METRICS)[keyof typeof METRICS]): IMetric =>
      pipelineMetric(names, metric, 'Maximum', HOUR);
    this.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms, width: 2 * HALF, height: 4 }));
    this.addWidgets(
      new SingleValueWidget({
        title: 'Protection now',
        metrics: [
          most(METRICS.backupStaleHours),
          most(METRICS.rpoExceededHours),
          most(METRICS.singleCopySnapshots),
          most(METRICS.locksShort),
          most(METRICS.locksUnknown),
          pipelineMetric(names, METRICS.unverifiedDays, 'Maximum', Duration.days(1)),
        ],
        width: HALF,
      }),
      new SingleValueWidget({
        title: 'Waiting failed events',
        metrics: [failedEvents(names)],
        width: HALF,
      }),
    );
    this.addWidgets(
      graph('Backups', [sum(METRICS.backupSucceeded), sum(METRICS.backupFailed)]),
      graph('Restores', [sum(METRICS.restoreSucceeded), sum(METRICS.restoreFailed)]),
    );
    this.addWidgets(
      graph('Verified bytes', [sum(METRICS.verifiedBytes)]),
      graph('Damaged copies of objects', [sum(METRICS.copyDamaged)]),
    );
    this.addWidgets(
      graph('Erasures and key events', [
        sum(METRICS.vaultErased),
        sum(METRICS.unexpectedKeyEvent),
        sum(METRICS.installationKeyEvent),
      ]),
      graph('Function errors', ofEveryFunction(names, 'Errors')),
    );
    this.addWidgets(
      graph('Function throttles', ofEveryFunction(names, 'Throttles')),
      graph('Longest function duration', ofEveryFunction(names, 'Duration')),
    );
  }
}

const graph = (title: string, left: IMetric[]): GraphWidget =>
  new GraphWidget({ title, left, width: HALF });
