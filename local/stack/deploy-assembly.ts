import type { LocalClock } from '../clock.ts';
import type { Credentials } from '../gateway/credentials.ts';
import { type AwsClients, createAwsClients } from './aws-clients.ts';
import { deployStack, type StackOutputs } from './deploy-stack.ts';
import { partitionOf } from './partition.ts';
import type { AssemblyStack } from './read-assembly.ts';
import type { StackServices } from './resource-creator.ts';

/** What deploying needs besides the stacks. */
export type DeploymentTarget = Omit<StackServices, 'clients'> & {
  readonly clock: LocalClock;
  readonly identities: Credentials;
};

/**
 * Deploys stacks one after the other; exports are visible to later stacks of the same Region.
 * @returns the outputs of every stack by its name.
 * @throws StackError naming the stack and resource that failed.
 */
export async function deployAssembly(
  stacks: readonly AssemblyStack[],
  target: DeploymentTarget,
): Promise<Record<string, StackOutputs>> {
  const clients = new Map<string, AwsClients>();
  const exports = new Map<string, Map<string, string>>();
  const outputs: Record<string, StackOutputs> = {};
  try {
    for (const stack of stacks) {
      const { region, accountId } = stack;
      const partition = partitionOf(region);
      if (!clients.has(region)) {
        const roleArn = `arn:${partition}:iam::${accountId}:role/cdk-cfn-exec-role`;
        clients.set(region, clientsOf(target, region, roleArn));
        exports.set(region, new Map());
      }
      const services = { ...target, clients: (name: string) => known(clients, name) };
      const regionExports = known(exports, region);
      outputs[stack.name] = await deployStack(stack, partition, services, regionExports);
    }
  } finally {
    for (const opened of clients.values()) opened.destroy();
  }
  return outputs;
}

function clientsOf(target: DeploymentTarget, region: string, roleArn: string): AwsClients {
  return createAwsClients({
    endpoint: target.endpoint,
    region,
    credentials: target.identities,
    roleArn,
    systemClockOffset: target.clock.offset(),
  });
}

function known<T>(map: ReadonlyMap<string, T>, region: string): T {
  const value = map.get(region);
  if (value === undefined) throw new Error(`no stack in ${region} yet`);
  return value;
}
