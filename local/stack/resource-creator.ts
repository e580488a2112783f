import { createHash } from 'node:crypto';
import type { TargetDelivery } from '../events/deliver-to-target.ts';
import type { RuleBus } from '../events/rule-bus.ts';
import type { HttpApis } from '../http-api/http-apis.ts';
import type { LambdaFunctions } from '../lambda/lambda-functions.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { Schedules } from '../scheduler/schedules.ts';
import type { StateMachines } from '../states/state-machines.ts';
import type { AwsClients } from './aws-clients.ts';
import type { DeclaredResources } from './declared-resources.ts';
import type { PhysicalIds } from './physical-ids.ts';
import type { CreatedResource } from './resolve-template.ts';
import { type Json, type JsonFields, StackError } from './template.ts';

export type { CreatedResource } from './resolve-template.ts';

/** The parts of the embedded AWS that resources are created in. */
export interface StackServices {
  readonly clients: (region: string) => AwsClients;
  readonly functions: LambdaFunctions;
  readonly machines: StateMachines;
  readonly bus: RuleBus;
  readonly delivery: TargetDelivery;
  readonly schedules: Schedules;
  readonly apis: HttpApis;
  readonly messaging: Messaging;
  readonly declared: DeclaredResources;
  readonly physicalIds: PhysicalIds;
  readonly endpoint: string;
}

/** A resource to create: its properties are resolved. */
export interface ResourceRequest {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonFields;
  readonly stackName: string;
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  /** Folders of the stack's assets by hash. */
  readonly assets: ReadonlyMap<string, string>;
  readonly services: StackServices;
}

/** Creates one kind of resource. Runs again at every start, so it must accept what exists. */
export type ResourceCreator = (request: ResourceRequest) => Promise<CreatedResource>;

/** The ARN of something in the resource's own account and Region. */
export function arnOf(request: ResourceRequest, service: string, resource: string): string {
  return `arn:${request.partition}:${service}:${request.region}:${request.accountId}:${resource}`;
}

/** The name a template gives, or a stable one made of stack and logical id. */
export function nameOf(request: ResourceRequest, property: string): string {
  const given = request.properties[property];
  return given === undefined || given === null
    ? `${request.stackName}-${request.logicalId}`
    : String(given);
}

/** A stable identifier of lower-case letters and digits, as API Gateway makes them. */
export function stableId(request: ResourceRequest): string {
  const seed = `${request.region}/${request.stackName}/${request.logicalId}`;
  const digest = createHash('sha256').update(seed).digest('hex');
  return BigInt(`0x${digest}`).toString(36).slice(0, 10);
}

/** A property that must be there. */
export function textProperty(request: ResourceRequest, name: string): string {
  const value = request.properties[name];
  if (value === undefined || value === null || typeof value === 'object') {
    throw new StackError(`${request.type} needs ${name}`);
  }
  return String(value);
}

/** A property that is an object; `{}` when it is absent. */
export function fieldsProperty(properties: JsonFields, name: string): JsonFields {
  const value = properties[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonFields)
    : {};
}

/** A property that is a list; empty when it is absent. */
export function listProperty(properties: JsonFields, name: string): readonly Json[] {
  const value = properties[name];
  return Array.isArray(value) ? value : [];
}
