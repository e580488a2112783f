import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import {
  type AwsClientOverrides,
  INVOKE_TIMEOUT_MS,
  perRegion,
  settings,
} from './client-settings.ts';
import { type DataClients, dataClients } from './data-clients.ts';

/** The clients of all Regions, each made once. */
export interface AwsClients extends DataClients {
  lambda(region: string): LambdaClient;
  stepFunctions(region: string): SFNClient;
}

/** @param overrides - default: none. */
export function awsClients(overrides: AwsClientOverrides = {}): AwsClients {
  return {
    ...dataClients(overrides),
    lambda: perRegion((region) => new LambdaClient(settings(region, overrides, INVOKE_TIMEOUT_MS))),
    stepFunctions: perRegion((region) => new SFNClient(settings(region, overrides))),
  };
}
