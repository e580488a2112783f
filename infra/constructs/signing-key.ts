import { RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Alias, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { FUNCTION_NAMES, type FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';
import { SIGNERS } from '../permissions/function-permissions.ts';
import type { Conditions } from '../permissions/statement.ts';

/** What ends the key, or lets others in. */
const CONTROL = [
  'kms:CreateGrant',
  'kms:DisableKey',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:UpdateAlias',
];

export interface SigningKeyProps {
  readonly names: Names;
}

/**
 * The key that signs certificates and checkpoints. It carries no vault's tag, so the role that
 * destroys keys cannot reach it, and it encrypts nothing, so no record depends on it. It stays when
 * its stack is deleted.
 *
 * Its policy denies signing to every other role, and to every function what would end or open it,
 * whatever their own policies allow. It compares names, because the roles are made after it.
 */
export class SigningKey extends Construct {
  constructor(scope: Construct, id: string, { names }: SigningKeyProps) {
    super(scope, id);
    const key = new Key(this, 'Key', {
      description: `Holdfast ${names.installation}: signs certificates and checkpoints`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const rolesOf = (functions: readonly FunctionName[]): string[] =>
      functions.map((name) => names.roleArn(names.functionRole(name)));
    key.addToResourcePolicy(
      deny('DenySigningByOthers', ['kms:Sign'], {
        ArnNotEquals: { 'aws:PrincipalArn': rolesOf(SIGNERS) },
      }),
    );
    key.addToResourcePolicy(
      deny('DenyControlByFunctions', CONTROL, {
        ArnEquals: { 'aws:PrincipalArn': rolesOf(FUNCTION_NAMES) },
      }),
    );
    new Alias(this, 'Alias', {
      aliasName: names.signingAlias,
      targetKey: key,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

function deny(sid: string, actions: string[], conditions: Conditions): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources: ['*'],
    conditions,
  });
}
