import { Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { AccountPrincipal, ManagedPolicy, PolicyDocument, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { RouteName } from '../../shared/admin-api/routes.ts';
import type { Names } from '../names.ts';
import { OPERATOR_ROUTES, routeArns, SUPERVISOR_ROUTES } from '../permissions/api-access.ts';
import { readerPermissions } from '../permissions/function-permissions.ts';
import { allow } from '../permissions/statement.ts';

export interface PeoplePoliciesProps {
  readonly names: Names;
  readonly api: HttpApi;
}

/**
 * What people get: two managed policies to attach to identities of the firm, and a role to assume
 * with MFA by whoever restores to a local folder. Nobody should hold both policies: an erasure
 * needs two people.
 */
export class PeoplePolicies extends Construct {
  constructor(scope: Construct, id: string, props: PeoplePoliciesProps) {
    super(scope, id);
    this.policy('operator', OPERATOR_ROUTES, props);
    this.policy('supervisor', SUPERVISOR_ROUTES, props);
    new Role(this, 'Reader', {
      roleName: props.names.readerRole,
      description: 'Restores to a local folder: reads both copies and decrypts. Needs MFA.',
      assumedBy: new AccountPrincipal(Stack.of(this).account).withConditions({
        Bool: { 'aws:MultiFactorAuthPresent': 'true' },
      }),
      inlinePolicies: {
        Only: new PolicyDocument({ statements: readerPermissions(props.names) }),
      },
    });
  }

  private policy(who: string, routes: readonly RouteName[], props: PeoplePoliciesProps): void {
    const apiArn = Stack.of(this).formatArn({
      service: 'execute-api',
      resource: props.api.apiId,
    });
    new ManagedPolicy(this, who, {
      managedPolicyName: `${props.names.prefix}-${who}`,
      description: `Routes of the Holdfast admin API for the ${who}`,
      statements: [
        allow({
          sid: 'CallRoutes',
          actions: ['execute-api:Invoke'],
          resources: routeArns(routes, apiArn),
        }),
      ],
    });
  }
}
