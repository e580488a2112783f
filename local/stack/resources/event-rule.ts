import { randomUUID } from 'node:crypto';
import type { RuleTarget } from '../../events/rule-bus.ts';
import { targetInputOf } from '../../events/target-input.ts';
import {
  arnOf,
  listProperty,
  nameOf,
  type ResourceCreator,
  type ResourceRequest,
} from '../resource-creator.ts';
import { StackError } from '../template.ts';

/** Creates a rule on the default bus: by event pattern, by schedule, or both. */
export const createEventRule: ResourceCreator = async (request) => {
  const { properties, region, services } = request;
  const name = nameOf(request, 'Name');
  const arn = arnOf(request, 'events', `rule/${name}`);
  const enabled = properties.State !== 'DISABLED';
  const targets = listProperty(properties, 'Targets') as unknown as readonly RuleTarget[];
  const bus = String(properties.EventBusName ?? 'default');
  if (!/(^|\/)default$/.test(bus)) {
    throw new StackError(`local rules belong to the default bus; got ${bus}`);
  }
  if (properties.EventPattern !== undefined && enabled) {
    const pattern = properties.EventPattern as Readonly<Record<string, unknown>>;
    services.bus.addRule({ name, region, pattern, targets });
  }
  if (properties.ScheduleExpression !== undefined) {
    services.schedules.add({
      name,
      region,
      expression: String(properties.ScheduleExpression),
      enabled,
      fire: async (scheduledFor) => await fireRule(request, arn, targets, scheduledFor),
    });
  }
  return { ref: name, attributes: { Arn: arn } };
};

async function fireRule(
  request: ResourceRequest,
  arn: string,
  targets: readonly RuleTarget[],
  scheduledFor: Date,
): Promise<void> {
  const event = {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: request.accountId,
    time: scheduledFor.toISOString(),
    region: request.region,
    resources: [arn],
    detail: {},
  };
  const { delivery } = request.services;
  await Promise.all(
    targets.map((target) => delivery.deliver(target.Arn, targetInputOf(target, event))),
  );
}
