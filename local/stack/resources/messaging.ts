import {
  arnOf,
  listProperty,
  nameOf,
  type ResourceCreator,
  type ResourceRequest,
  textProperty,
} from '../resource-creator.ts';
import type { JsonFields } from '../template.ts';

/** Queue properties that are SQS attributes of the same name. */
const QUEUE_ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DelaySeconds',
  'FifoQueue',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

/** Creates an SQS queue. */
export const createSqsQueue: ResourceCreator = async (request) => {
  const name = nameOf(request, 'QueueName');
  const attributes = attributesOf(request.properties);
  const queue = await request.services.messaging.createQueue(
    request.region,
    name,
    attributes,
    request.services.endpoint,
  );
  return {
    ref: queue.url,
    attributes: { Arn: queue.arn, QueueName: name, QueueUrl: queue.url },
  };
};

/** Creates an SNS topic with the subscriptions declared in it. */
export const createSnsTopic: ResourceCreator = async (request) => {
  const name = nameOf(request, 'TopicName');
  const arn = await request.services.messaging.createTopic(request.region, name);
  for (const entry of listProperty(request.properties, 'Subscription')) {
    const { Protocol, Endpoint } = entry as Record<string, unknown>;
    await subscribe(request, arn, String(Protocol), String(Endpoint));
  }
  return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
};

/** Subscribes a queue to a topic. Other protocols are kept as data: nothing leaves the machine. */
export const createSnsSubscription: ResourceCreator = async (request) => {
  const topicArn = textProperty(request, 'TopicArn');
  const protocol = textProperty(request, 'Protocol');
  await subscribe(request, topicArn, protocol, textProperty(request, 'Endpoint'));
  return { ref: arnOf(request, 'sns', request.logicalId), attributes: {} };
};

async function subscribe(
  request: ResourceRequest,
  topicArn: string,
  protocol: string,
  endpoint: string,
): Promise<void> {
  if (protocol === 'sqs') {
    await request.services.messaging.subscribe(topicArn, endpoint);
  }
}

function attributesOf(properties: JsonFields): Record<string, string> {
  return Object.fromEntries(
    QUEUE_ATTRIBUTES.flatMap((name) => {
      const value = properties[name];
      if (value === undefined || value === null) return [];
      return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}
