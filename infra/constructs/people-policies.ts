import { Duration, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AccountPrincipal,
  ManagedPolicy,
  PolicyDocument,
  type PolicyStatement,
  Role,
  type RoleProps,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { RouteName } from '../../shared/admin-api/routes.ts';
import type { Names } from '../names.ts';
import {
  OPERATOR_ROUTES,
  PUSHER_ROUTES,
  READER_ROUTES,
  routeArns,
  SUPERVISOR_ROUTES,
} from '../permissions/api-access.ts';
import { readerPermissions, writerPermissions } from '../permissions/function-permissions.ts';
import { allow } from '../permissions/statement.ts';

export interface PeoplePoliciesProps {
  readonly names: Names;
  readonly api: HttpApi;
}

type RoleFacts = Pick<RoleProps, 'roleName' | 'description' | 'maxSessionDuration'>;

/** A first push of a large folder takes hours; this is the longest that IAM allows. */
const LONGEST_SESSION = Duration.hours(12);

/**
 * What people get: two managed policies to attach to identities of the firm, and two roles to
 * assume with MFA, by whoever restores to a local folder and by whoever pushes one. Nobody should
 * hold both policies: an erasure needs two people.
 */
export class PeoplePolicies extends Construct {
  constructor(scope: Construct, id: string, props: PeoplePoliciesProps) {
    super(scope, id);
    this.policy('operator', OPERATOR_ROUTES, props);
    this.policy('supervisor', SUPERVISOR_ROUTES, props);
    this.role('Reader', {
      roleName: props.names.readerRole,
      description: 'Restores to a local folder: reads both copies and decrypts. Needs MFA.',
      statements: [...readerPermissions(props.names), this.callRoutes(READER_ROUTES, props)],
    });
    this.role('Writer', {
      roleName: props.names.writerRole,
      description: 'Pushes local folders: encrypts and writes to both copies. Needs MFA.',
      statements: [...writerPermissions(props.names), this.callRoutes(PUSHER_ROUTES, props)],
      maxSessionDuration: LONGEST_SESSION,
    });
  }

  private role(
    id: string,
    { statements, ...role }: RoleFacts & { readonly statements: PolicyStatement[] },
  ): void {
    new Role(this, id, {
      ...role,
      assumedBy: new AccountPrincipal(Stack.of(this).account).withConditions({
        Bool: { 'aws:MultiFactorAuthPresent': 'true' },
      }),
      inlinePolicies: { Only: new PolicyDocument({ statements }) },
    });
  }

  private policy(who: string, routes: readonly RouteName[], props: PeoplePoliciesProps): void {
    new ManagedPolicy(this, who, {
      managedPolicyName: `${props.names.prefix}-${who}`,
      description: `Routes of the Holdfast admin API for the ${who}`,
      statements: [this.callRoutes(routes, props)],
    });
  }

  private callRoutes(routes: readonly RouteName[], { api }: PeoplePoliciesProps): PolicyStatement {
    const apiArn = Stack.of(this).formatArn({ service: 'execute-api', resource: api.apiId });
    return allow({
      sid: 'CallRoutes',
      actions: ['execute-api:Invoke'],
      resources: routeArns(routes, apiArn),
    });
  }
}
