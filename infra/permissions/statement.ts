import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Condition operators and their keys, as IAM writes them. */
export type Conditions = Readonly<
  Record<string, Readonly<Record<string, string | string[] | number>>>
>;

export interface Grant {
  /** Shown in the template: says in one word what the statement is for. */
  readonly sid: string;
  /** Complete action names, never with a wildcard. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
}

/** @returns an Allow statement for a role. */
export function allow(grant: Grant): PolicyStatement {
  return new PolicyStatement({
    sid: grant.sid,
    effect: Effect.ALLOW,
    actions: [...grant.actions],
    resources: [...grant.resources],
    ...(grant.conditions && { conditions: grant.conditions }),
  });
}
