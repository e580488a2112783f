import type { LocalClock } from './clock.ts';
import { lockDataDirectory } from './data-directory-lock.ts';
import { startDynamoDb } from './dynamodb/start-dynamodb.ts';
import { TargetDelivery } from './events/deliver-to-target.ts';
import { createEventsService } from './events/events-service.ts';
import { RuleBus } from './events/rule-bus.ts';
import { PlannedFaults } from './faults.ts';
import { createControlRoutes } from './gateway/control-routes.ts';
import type { Credentials } from './gateway/credentials.ts';
import { type Gateway, startGateway } from './gateway/http-server.ts';
import { createIdentities } from './gateway/identities.ts';
import { RequestCounts } from './gateway/request-counts.ts';
import type { LocalService } from './gateway/service.ts';
import { HttpApis } from './http-api/http-apis.ts';
import { createKmsService, type KmsService } from './kms/kms-service.ts';
import { FunctionLogs } from './lambda/function-logs.ts';
import { LambdaFunctions } from './lambda/lambda-functions.ts';
import { createLambdaService } from './lambda/lambda-service.ts';
import { shareClock } from './lambda/shared-clock.ts';
import { Messaging } from './messaging/messaging.ts';
import { openMovableClock } from './movable-clock.ts';
import { createS3Service } from './s3/s3-service.ts';
import { Schedules } from './scheduler/schedules.ts';
import { DeclaredResources } from './stack/declared-resources.ts';
import { deployAssembly } from './stack/deploy-assembly.ts';
import type { StackOutputs } from './stack/deploy-stack.ts';
import { partitionOf } from './stack/partition.ts';
import { PhysicalIds } from './stack/physical-ids.ts';
import { type AssemblyStack, readAssembly } from './stack/read-assembly.ts';
import { deployedControlRoutes, stackControlRoutes } from './stack-control-routes.ts';
import { StateMachines } from './states/state-machines.ts';
import { createStatesService } from './states/states-service.ts';

/** How to start an embedded AWS. */
export interface EmbeddedAwsOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Holds all state; used by one server at a time. */
  readonly dataDirectory: string;
  /** A folder that `cdk synth` wrote. Default: no stacks, only the services. */
  readonly assembly?: string;
  /** Default: the account of the assembly's first stack, or 000000000000. */
  readonly accountId?: string;
  /** Whether schedules fire by themselves. Default: true. */
  readonly schedules?: boolean;
  /** Told of what no caller learns otherwise. Default: standard error. */
  readonly warn?: (message: string) => void;
}

/** A running embedded AWS. */
export interface EmbeddedAws {
  /** `http://127.0.0.1:4566`: the value for `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  readonly accountId: string;
  /** Regions of the stacks, in deployment order. */
  readonly regions: readonly string[];
  readonly clock: LocalClock;
  readonly faults: PlannedFaults;
  readonly identities: Credentials;
  /** Outputs of all stacks by stack name. */
  readonly outputs: Readonly<Record<string, StackOutputs>>;
  /** URL of the first HTTP API, when a stack has one. */
  readonly apiUrl: string | undefined;
  readonly functions: LambdaFunctions;
  readonly machines: StateMachines;
  readonly schedules: Schedules;
  readonly logs: FunctionLogs;
  /** Waits until no asynchronous event, execution or key event is in work. */
  settled(): Promise<void>;
  /** Ends running functions, closes everything; the next start takes up unfinished work. */
  stop(): Promise<void>;
}

interface Parts {
  readonly clock: LocalClock;
  readonly identities: Credentials;
  readonly faults: PlannedFaults;
  readonly requests: RequestCounts;
  readonly delivery: TargetDelivery;
  readonly bus: RuleBus;
  readonly functions: LambdaFunctions;
  readonly machines: StateMachines;
  readonly apis: HttpApis;
  readonly messaging: Messaging;
  readonly schedules: Schedules;
  readonly logs: FunctionLogs;
  readonly kms: KmsService;
  readonly services: readonly LocalService[];
  /** Ends all running work; a second call does nothing more. */
  readonly stopWork: () => Promise<void>;
}

const DEFAULT_ACCOUNT = '000000000000';

/**
 * Starts the embedded AWS on a loopback port and deploys a synthesized CDK app into it. What an
 * earlier process with the same data directory left unfinished (key events, asynchronous events,
 * executions) is taken up again.
 * @throws DataDirectoryError, StackError, or the port's own error when it is taken.
 */
export async function startEmbeddedAws(options: EmbeddedAwsOptions): Promise<EmbeddedAws> {
  const stacks = options.assembly === undefined ? [] : readAssembly(options.assembly);
  const accountId = options.accountId ?? stacks[0]?.accountId ?? DEFAULT_ACCOUNT;
  await using resources = new AsyncDisposableStack();
  // Workers and child processes do not keep this process alive; closing them must still be waited
  // for after the port is closed, so this timer goes last.
  const alive = setInterval(() => undefined, 60_000);
  resources.defer(() => clearInterval(alive));
  resources.defer(lockDataDirectory(options.dataDirectory));
  let endpoint = '';
  const parts = await createParts(options, stacks, accountId, () => endpoint, resources);
  const { clock, faults, identities, functions, machines, schedules, logs } = parts;
  const declared = new DeclaredResources();
  const outputs: Record<string, StackOutputs> = {};
  const controlParts = { ...parts, declared, outputs: () => outputs };
  const gateway = await openGateway(options, parts, [
    ...createControlRoutes(parts),
    ...stackControlRoutes(controlParts),
  ]);
  endpoint = gateway.endpoint;
  resources.defer(() => gateway.stop());
  // Runs before the gateway closes, so that running work fails by being stopped and nothing else.
  resources.defer(parts.stopWork);
  const physicalIds = resources.adopt(new PhysicalIds(options.dataDirectory), (ids) => ids.close());
  Object.assign(
    outputs,
    await deployAssembly(stacks, { ...parts, declared, physicalIds, endpoint }),
  );
  deployedControlRoutes(controlParts).forEach(gateway.addControlRoute);
  functions.resume();
  machines.resume();
  await parts.kms.drain();
  const [apiId] = parts.apis.ids();
  const running = resources.move();
  return {
    clock,
    faults,
    identities,
    functions,
    machines,
    schedules,
    logs,
    endpoint,
    accountId,
    regions: [...new Set(stacks.map((stack) => stack.region))],
    outputs,
    apiUrl: apiId === undefined ? undefined : `${endpoint}/_api/${apiId}`,
    async settled() {
      await parts.kms.drain();
      await machines.settled();
      await functions.settled();
    },
    stop: () => running.disposeAsync(),
  };
}

/** Creates everything in the order in which it must hear of a moved clock. */
async function createParts(
  options: EmbeddedAwsOptions,
  stacks: readonly AssemblyStack[],
  accountId: string,
  endpoint: () => string,
  resources: AsyncDisposableStack,
): Promise<Parts> {
  const { dataDirectory } = options;
  const warn = options.warn ?? ((message: string) => console.error(`embedded AWS: ${message}`));
  const partition = partitionOf(stacks[0]?.region ?? '');
  const clock = resources.adopt(openMovableClock({ dataDirectory }), (opened) => opened.close());
  const identities = createIdentities({ accountId, partition });
  const delivery = new TargetDelivery();
  const bus = new RuleBus(delivery, warn);
  const logs = new FunctionLogs(dataDirectory);
  const sharedClock = shareClock(clock);
  const functions = new LambdaFunctions({
    dataDirectory,
    credentials: identities,
    clock: sharedClock,
    logs,
    delivery,
    endpoint,
    warn,
  });
  const call = async (name: string, payload: string) =>
    await functions.invoke(functions.find(name).arn, payload);
  const machines = new StateMachines({ dataDirectory, clock, call, delivery });
  const apis = new HttpApis({ clock, invoke: (arn, payload) => functions.invoke(arn, payload) });
  const messaging = new Messaging(dataDirectory, delivery);
  const dynamodb = await startDynamoDb({ dataDirectory });
  const s3 = createS3Service({ dataDirectory, clock, accountId });
  const kms = createKmsService({
    dataDirectory,
    clock,
    accountId,
    partition,
    events: bus,
    holdEvents: true,
    onError: (error) => warn(`key event: ${String(error)}`),
  });
  const stores = [dynamodb, s3, kms, messaging];
  for (const store of stores) resources.defer(async () => await store.stop?.());
  const schedules = new Schedules({ clock, paused: options.schedules === false, warn });
  let stopped: Promise<void> | undefined;
  const stopWork = (): Promise<void> => {
    stopped ??= endWork({ bus, schedules, machines, functions });
    return stopped;
  };
  resources.defer(stopWork);
  return {
    clock,
    identities,
    faults: new PlannedFaults(),
    requests: new RequestCounts(),
    delivery,
    bus,
    functions,
    machines,
    apis,
    messaging,
    schedules,
    logs,
    kms,
    services: [
      dynamodb,
      s3,
      kms,
      createLambdaService(functions),
      createStatesService(machines),
      createEventsService(bus, clock),
      apis.service(),
      ...messaging.services(),
    ],
    stopWork,
  };
}

/** No new work first, then the machines before the functions they call. */
async function endWork(
  parts: Pick<Parts, 'bus' | 'schedules' | 'machines' | 'functions'>,
): Promise<void> {
  parts.bus.stop();
  parts.schedules.stop();
  await parts.machines.stop();
  await parts.functions.stop();
  await parts.schedules.settled();
}

async function openGateway(
  options: EmbeddedAwsOptions,
  parts: Parts,
  controlRoutes: ReturnType<typeof createControlRoutes>,
): Promise<Gateway> {
  return await startGateway({
    port: options.port,
    services: parts.services,
    credentials: parts.identities,
    clock: parts.clock,
    faults: parts.faults,
    requests: parts.requests,
    controlRoutes,
  });
}
