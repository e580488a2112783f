import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import type { Acknowledgement } from './acknowledged.ts';

/** Acknowledgements that match no finding any more. They would hide the next one: remove them. */
export class UnusedAcknowledgementError extends Error {
  constructor(unused: readonly Acknowledgement[]) {
    const lines = unused.map((entry) => `  ${entry.finding} at ${entry.at}: ${entry.reason}`);
    super(`infra/policy/acknowledged.ts explains findings that do not occur:\n${lines.join('\n')}`);
    this.name = 'UnusedAcknowledgementError';
  }
}

/** One finding of a rule on one resource. */
export interface Finding {
  /** Such as `AwsSolutions-IAM5[Resource::*]`. */
  readonly id: string;
  /** Path of the resource in the construct tree. */
  readonly path: string;
}

/**
 * Has cdk-nag's AWS Solutions rules run at synth. Findings that are explained are acknowledged one
 * by one, on the resource that has them; any other finding fails the synth.
 *
 * @param acknowledged - the explanations, from `acknowledged.ts`.
 * @throws UnusedAcknowledgementError when an explanation matches nothing.
 */
export function checkPolicy(app: App, acknowledged: readonly Acknowledgement[]): void {
  const checks = new AwsSolutionsChecks(app);
  const used = new Set<Acknowledgement>();
  for (const finding of findingsOf(app, checks)) {
    const entry = acknowledged.find((candidate) => explains(candidate, finding));
    if (entry === undefined) continue;
    used.add(entry);
    Validations.of(constructAt(app, finding.path)).acknowledge({
      id: finding.id,
      reason: entry.reason,
    });
  }
  const unused = acknowledged.filter((entry) => !used.has(entry));
  if (unused.length > 0) throw new UnusedAcknowledgementError(unused);
  Validations.of(app).addPlugins(checks);
}

/** Walks down a path such as `Service/Backup/Role/Resource`. */
function constructAt(app: App, path: string): IConstruct {
  return path.split('/').reduce<IConstruct>((construct, id) => construct.node.findChild(id), app);
}

function findingsOf(app: App, checks: AwsSolutionsChecks): Finding[] {
  return checks
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => ({ id: ruleName, path: constructPath ?? '' })),
    );
}

function explains(entry: Acknowledgement, finding: Finding): boolean {
  return entry.finding.test(finding.id) && entry.at.test(finding.path);
}
