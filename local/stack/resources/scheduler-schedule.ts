import { randomUUID } from 'node:crypto';
import {
  arnOf,
  fieldsProperty,
  nameOf,
  type ResourceCreator,
  type ResourceRequest,
  textProperty,
} from '../resource-creator.ts';
import { StackError } from '../template.ts';

/** Creates an EventBridge Scheduler schedule. Its flexible window counts as zero. */
export const createSchedule: ResourceCreator = async (request) => {
  const { properties, region, services } = request;
  const name = nameOf(request, 'Name');
  const group = String(properties.GroupName ?? 'default');
  const arn = arnOf(request, 'scheduler', `schedule/${group}/${name}`);
  const timeZone = String(properties.ScheduleExpressionTimezone ?? 'UTC');
  if (!['UTC', 'Etc/UTC'].includes(timeZone)) {
    throw new StackError(`local schedules run in UTC; got ${timeZone}`);
  }
  const target = fieldsProperty(properties, 'Target');
  const targetArn = String(target.Arn);
  services.schedules.add({
    name,
    region,
    expression: textProperty(request, 'ScheduleExpression'),
    enabled: properties.State !== 'DISABLED',
    fire: async (scheduledFor) => {
      const input = inputOf(request, arn, target.Input?.toString(), scheduledFor);
      await services.delivery.deliver(targetArn, input);
    },
  });
  return { ref: name, attributes: { Arn: arn } };
};

/** The target's input with the scheduler's own placeholders filled in, or its default event. */
function inputOf(
  request: ResourceRequest,
  arn: string,
  input: string | undefined,
  scheduledFor: Date,
): string {
  const time = `${scheduledFor.toISOString().slice(0, 19)}Z`;
  if (input === undefined) {
    return JSON.stringify({
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: request.accountId,
      time,
      region: request.region,
      resources: [arn],
      detail: '{}',
    });
  }
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.scheduled-time>', time)
    .replaceAll('<aws.scheduler.execution-id>', randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', '1');
}
