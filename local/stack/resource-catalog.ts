import type { ResourceCreator } from './resource-creator.ts';
import { createDynamoDbTable } from './resources/dynamodb-table.ts';
import { createEventRule } from './resources/event-rule.ts';
import {
  createHttpApi,
  createHttpApiIntegration,
  createHttpApiRoute,
  createHttpApiStage,
} from './resources/http-api.ts';
import { createKmsAlias, createKmsKey } from './resources/kms-key.ts';
import { createEventInvokeConfig, createLambdaFunction } from './resources/lambda-function.ts';
import { createSnsSubscription, createSnsTopic, createSqsQueue } from './resources/messaging.ts';
import * as recorded from './resources/recorded.ts';
import { createS3Bucket, createS3BucketPolicy } from './resources/s3-bucket.ts';
import { createSchedule } from './resources/scheduler-schedule.ts';
import { createStateMachine } from './resources/state-machine.ts';
import { StackError } from './template.ts';

/** Every resource type the local stack knows. */
const CREATORS: Readonly<Record<string, ResourceCreator>> = {
  'AWS::ApiGatewayV2::Api': createHttpApi,
  'AWS::ApiGatewayV2::Integration': createHttpApiIntegration,
  'AWS::ApiGatewayV2::Route': createHttpApiRoute,
  'AWS::ApiGatewayV2::Stage': createHttpApiStage,
  'AWS::CloudWatch::Alarm': recorded.createAlarm,
  'AWS::CloudWatch::CompositeAlarm': recorded.createAlarm,
  'AWS::CloudWatch::Dashboard': recorded.createDashboard,
  'AWS::DynamoDB::GlobalTable': createDynamoDbTable,
  'AWS::DynamoDB::Table': createDynamoDbTable,
  'AWS::Events::Rule': createEventRule,
  'AWS::IAM::ManagedPolicy': recorded.createIamManagedPolicy,
  'AWS::IAM::Policy': recorded.createIamPolicy,
  'AWS::IAM::Role': recorded.createIamRole,
  'AWS::KMS::Alias': createKmsAlias,
  'AWS::KMS::Key': createKmsKey,
  'AWS::Lambda::EventInvokeConfig': createEventInvokeConfig,
  'AWS::Lambda::Function': createLambdaFunction,
  'AWS::Lambda::Permission': recorded.createLambdaPermission,
  'AWS::Logs::LogGroup': recorded.createLogGroup,
  'AWS::Logs::MetricFilter': recorded.createMetricFilter,
  'AWS::S3::Bucket': createS3Bucket,
  'AWS::S3::BucketPolicy': createS3BucketPolicy,
  'AWS::SNS::Subscription': createSnsSubscription,
  'AWS::SNS::Topic': createSnsTopic,
  'AWS::SNS::TopicPolicy': recorded.createTopicPolicy,
  'AWS::SQS::Queue': createSqsQueue,
  'AWS::SQS::QueuePolicy': recorded.createQueuePolicy,
  'AWS::Scheduler::Schedule': createSchedule,
  'AWS::Scheduler::ScheduleGroup': recorded.createScheduleGroup,
  'AWS::StepFunctions::StateMachine': createStateMachine,
};

/**
 * The creator of a resource type.
 * @throws StackError naming the type and all types that exist here.
 */
export function creatorOf(type: string): ResourceCreator {
  const creator = CREATORS[type];
  if (creator === undefined) {
    throw new StackError(`local stack has no ${type}; it has: ${Object.keys(CREATORS).join(', ')}`);
  }
  return creator;
}
