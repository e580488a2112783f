import { orderResources } from './order-resources.ts';
import type { AssemblyStack } from './read-assembly.ts';
import {
  type CreatedResource,
  evaluateCondition,
  resolveValue,
  type TemplateScope,
} from './resolve-template.ts';
import { creatorOf } from './resource-catalog.ts';
import type { StackServices } from './resource-creator.ts';
import { type JsonFields, StackError } from './template.ts';

/** Outputs of a deployed stack by name. */
export type StackOutputs = Readonly<Record<string, string>>;

/** Resource types that exist for CDK's and CloudFormation's own bookkeeping. */
const IGNORED_TYPES = new Set(['AWS::CDK::Metadata']);

/**
 * Creates what a stack's template declares, in the order of its references. Stored resources that
 * an earlier template declared and this one does not are left alone.
 * @param exports - what stacks of the same Region exported; this stack's exports are added.
 * @returns the stack's outputs.
 * @throws StackError naming the stack, the logical id and the type that failed.
 */
export async function deployStack(
  stack: AssemblyStack,
  partition: string,
  services: StackServices,
  exports: Map<string, string>,
): Promise<StackOutputs> {
  const resources = new Map<string, CreatedResource>();
  const scope: TemplateScope = {
    template: stack.template,
    stackName: stack.name,
    accountId: stack.accountId,
    region: stack.region,
    partition,
    resources,
    exports,
  };
  for (const logicalId of orderResources(stack.template)) {
    const created = await createResource(stack, logicalId, scope, services);
    if (created !== undefined) resources.set(logicalId, created);
  }
  return collectOutputs(stack, scope, exports);
}

async function createResource(
  stack: AssemblyStack,
  logicalId: string,
  scope: TemplateScope,
  services: StackServices,
): Promise<CreatedResource | undefined> {
  const declaration = stack.template.Resources?.[logicalId];
  if (declaration === undefined || IGNORED_TYPES.has(declaration.Type)) return undefined;
  if (declaration.Condition !== undefined && !evaluateCondition(declaration.Condition, scope)) {
    return undefined;
  }
  const type = declaration.Type;
  try {
    const properties = resolveValue(declaration.Properties ?? {}, scope) as JsonFields;
    const created = await creatorOf(type)({
      logicalId,
      type,
      properties,
      stackName: stack.name,
      accountId: stack.accountId,
      region: stack.region,
      partition: scope.partition,
      assets: stack.assets,
      services,
    });
    services.declared.add({
      type,
      stackName: stack.name,
      region: stack.region,
      logicalId,
      ref: created.ref,
      properties,
    });
    return created;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StackError(`${stack.name}: ${logicalId} (${type}): ${reason}`, { cause });
  }
}

function collectOutputs(
  stack: AssemblyStack,
  scope: TemplateScope,
  exports: Map<string, string>,
): StackOutputs {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(stack.template.Outputs ?? {})) {
    if (output.Condition !== undefined && !evaluateCondition(output.Condition, scope)) continue;
    const value = String(resolveValue(output.Value, scope));
    outputs[name] = value;
    if (output.Export !== undefined) {
      exports.set(String(resolveValue(output.Export.Name, scope)), value);
    }
  }
  return outputs;
}
