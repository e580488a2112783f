import { describe, expect, test } from 'vitest';
import { ROUTES, type RouteName } from '../../shared/admin-api/routes.ts';
import { covers, listOf, type Synthesized, textOf, type Value } from './synthesized.ts';

const KEY_EVENTS = [
  'DisableKey',
  'EnableKey',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
  'PutKeyPolicy',
  'DeleteKey',
];

/** API, state machine, schedules and event rules, in every pair of Regions. */
export function serviceSuite(pairs: () => readonly Synthesized[]): void {
  const pair = () => pairs()[0] as Synthesized;
  const functionsOf = ({ resources }: Synthesized) => resources('Service', 'AWS::Lambda::Function');
  const nameOf = (arn: Value) =>
    functionsOf(pair()).find(({ id }) => id === arn['Fn::GetAtt'][0])?.Properties.FunctionName;

  describe('the admin API', () => {
    test('has exactly the routes of the table, each signed with IAM credentials', () => {
      const { resources } = pair();
      const routes = resources('Service', 'AWS::ApiGatewayV2::Route').map((one) => one.Properties);
      expect(routes.map((one) => one.RouteKey).sort()).toEqual(
        Object.values(ROUTES)
          .map(({ method, path }) => `${method} ${path}`)
          .sort(),
      );
      for (const route of routes) expect(route.AuthorizationType).toBe('AWS_IAM');
    });

    test('hands each route to the function of the table', () => {
      const { resources, names } = pair();
      const integrations = new Map(
        resources('Service', 'AWS::ApiGatewayV2::Integration').map((one) => [
          one.id,
          one.Properties,
        ]),
      );
      for (const { Properties } of resources('Service', 'AWS::ApiGatewayV2::Route')) {
        const route = Object.values(ROUTES).find(
          ({ method, path }) => `${method} ${path}` === Properties.RouteKey,
        );
        const id = /\$\{(.+)\}/.exec(textOf(Properties.Target))?.[1] ?? '';
        const integration = integrations.get(id);
        expect(integration.PayloadFormatVersion).toBe('2.0');
        expect(nameOf(integration.IntegrationUri)).toBe(`${names.prefix}-${route?.handler}`);
      }
    });

    test('keeps approvals from the operator, and daily work from the supervisor', () => {
      const allowed = (who: string): RouteName[] => {
        const policies = pair().resources('Service', 'AWS::IAM::ManagedPolicy');
        const policy = policies.find((one) => one.Properties.ManagedPolicyName.endsWith(who));
        const patterns = listOf(policy?.Properties.PolicyDocument.Statement).flatMap((one) =>
          listOf(one.Resource).map(textOf),
        );
        return (Object.keys(ROUTES) as RouteName[]).filter((name) => {
          const { method, path } = ROUTES[name];
          const asked = `/$default/${method}${path.replace(/\{[^}]+\}/g, 'ANY-ID')}`;
          return patterns.some((pattern) => covers(pattern.replace(/^[^/]+/, ''), asked));
        });
      };
      const every = Object.keys(ROUTES) as RouteName[];
      expect(every.filter((name) => !allowed('operator').includes(name))).toEqual([
        'approvePolicy',
        'approveErasure',
        'confirmHandover',
      ]);
      expect(allowed('supervisor').filter((name) => ROUTES[name].method !== 'GET')).toEqual([
        'approvePolicy',
        'approveErasure',
        'cancelErasure',
        'placeHold',
        'requestRelease',
        'approveRelease',
        'placeClientHold',
        'requestClientRelease',
        'approveClientRelease',
        'confirmHandover',
      ]);
      expect(every.filter((name) => ROUTES[name].method === 'GET')).toEqual(
        allowed('supervisor').filter((name) => ROUTES[name].method === 'GET'),
      );
    });

    test('tells its address, and the machine its ARN', () => {
      expect(Object.keys(pair().outputs('Service')).sort()).toEqual([
        'ApiUrl',
        'BackupMachineArn',
        'PrimaryBucket',
        'SecondaryBucket',
      ]);
    });
  });

  describe('the state machine of a backup', () => {
    const definition = () => {
      const machine = pair().one('Service', 'AWS::StepFunctions::StateMachine');
      return JSON.parse(textOf(machine.Properties.DefinitionString));
    };

    const afterFailure = (Next: string) => [
      { ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next },
    ];

    test('repeats what repeating may cure, and records what it does not', () => {
      const { StartAt, States } = definition();
      expect(StartAt).toBe('PlanOrSeal');
      const shard = States.Shards.ItemProcessor;
      expect(shard.StartAt).toBe('BackUpShard');
      for (const step of [States.PlanOrSeal, shard.States.BackUpShard]) {
        expect(step.Retry[0]).toMatchObject({ MaxAttempts: 3, JitterStrategy: 'FULL' });
        expect(step.Retry[0].ErrorEquals).toEqual(
          expect.arrayContaining([
            'COPY_UNAVAILABLE',
            'KEYS_UNUSABLE',
            'Lambda.Unknown',
            'States.Timeout',
          ]),
        );
        expect(step.Retry[0].ErrorEquals).not.toContain('BACKUP_RUNNING');
      }
      expect(States.PlanOrSeal.Catch).toEqual(afterFailure('RecordBackupFailure'));
      expect(States.Shards.Catch).toEqual(afterFailure('RecordBackupFailure'));
      expect(shard.States.BackUpShard.Catch).toEqual(afterFailure('RecordShardFailure'));
      const records = [States.RecordBackupFailure, shard.States.RecordShardFailure];
      for (const record of records) {
        expect(record.Parameters).toEqual({
          'vaultId.$': '$.vaultId',
          'runId.$': '$.runId',
          'error.$': '$.failure',
        });
      }
      expect(States[States.RecordBackupFailure.Next].Type).toBe('Fail');
      expect(shard.States[shard.States.RecordShardFailure.Next].Type).toBe('Fail');
    });

    test('goes on until it is done, a small vault without the map', () => {
      const { States } = definition();
      expect(States[States.PlanOrSeal.Next]).toMatchObject({
        Type: 'Choice',
        Choices: [
          { Variable: '$.done', BooleanEquals: true, Next: 'BackupDone' },
          { Variable: '$.shards[0]', IsPresent: true, Next: 'Shards' },
        ],
        Default: 'PlanOrSeal',
      });
      expect(States.BackupDone.Type).toBe('Succeed');
      expect(States.Shards.Next).toBe('PlanOrSeal');
      const shard = States.Shards.ItemProcessor.States;
      expect(shard[shard.BackUpShard.Next]).toMatchObject({
        Choices: [{ Variable: '$.done', BooleanEquals: true, Next: 'ShardDone' }],
        Default: 'BackUpShard',
      });
    });

    test('works on as many shards at once as the settings allow; none may fail', () => {
      const { Shards } = definition().States;
      expect(Shards).toMatchObject({
        Type: 'Map',
        MaxConcurrency: pair().settings.backupConcurrency,
        ItemsPath: '$.shards',
        ResultPath: null,
      });
      expect(Object.keys(Shards).filter((name) => name.startsWith('Tolerated'))).toEqual([]);
      expect(Shards.ItemProcessor.ProcessorConfig).toEqual({
        Mode: 'DISTRIBUTED',
        ExecutionType: 'STANDARD',
      });
      // Ids and numbers: a path is in none of them.
      expect(Shards.ItemSelector).toEqual({
        'vaultId.$': '$.vaultId',
        'runId.$': '$.runId',
        'shard.$': '$$.Map.Item.Value',
      });
    });

    test('may start and stop its own executions, and no others', () => {
      const { backupMachineArn, backupMachine } = pair().names;
      const role = pair()
        .resources('Service', 'AWS::IAM::Role')
        .find(({ Properties }) => Properties.RoleName === `${backupMachine}-machine`);
      const [policy] = role?.Properties.Policies ?? [];
      const statements = policy.PolicyDocument.Statement.filter(({ Sid }: { Sid: string }) =>
        Sid.endsWith('Shards'),
      );
      const executions = backupMachineArn.replace(':stateMachine:', ':execution:');
      expect(statements.map(({ Resource }: { Resource: unknown }) => Resource)).toEqual([
        backupMachineArn,
        [`${executions}/*:*`, `${executions}:*`],
      ]);
      expect(pair().resources('Service', 'AWS::IAM::Policy')).toEqual([]);
    });

    test('logs its transitions without what was passed', () => {
      const machine = pair().one('Service', 'AWS::StepFunctions::StateMachine');
      expect(machine.Properties.LoggingConfiguration).toMatchObject({
        Level: 'ALL',
        IncludeExecutionData: false,
      });
    });
  });

  test('schedules start the periodic functions, in UTC', () => {
    const schedules = pair().resources('Service', 'AWS::Scheduler::Schedule');
    const seen = schedules.map(({ Properties }) => [
      nameOf(Properties.Target.Arn)?.replace(`${pair().names.prefix}-`, ''),
      Properties.ScheduleExpression,
      Properties.ScheduleExpressionTimezone,
    ]);
    expect(seen).toEqual([
      ['schedule-backups', 'rate(15 minutes)', 'Etc/UTC'],
      ['repair-copies', 'rate(1 hour)', 'Etc/UTC'],
      ['move-vaults', 'rate(1 hour)', 'Etc/UTC'],
      ['start-drills', 'rate(1 hour)', 'Etc/UTC'],
      ['apply-holds', 'rate(1 hour)', 'Etc/UTC'],
      ['end-retention', 'rate(1 day)', 'Etc/UTC'],
      ['advance-erasures', 'rate(1 hour)', 'Etc/UTC'],
      ['confirm-erasures', 'rate(1 hour)', 'Etc/UTC'],
      ['certify-erasures', 'rate(1 hour)', 'Etc/UTC'],
      ['write-checkpoint', 'rate(1 day)', 'Etc/UTC'],
      ['compare-tombstones', 'rate(1 day)', 'Etc/UTC'],
      ['renew-proofs', 'rate(1 day)', 'Etc/UTC'],
      ['compare-keys', 'rate(1 day)', 'Etc/UTC'],
      ['check-protection', 'rate(1 hour)', 'Etc/UTC'],
      ['verify-share', 'rate(1 day)', 'Etc/UTC'],
      ['renew-locks', 'rate(1 day)', 'Etc/UTC'],
      ['sweep-copies', 'rate(1 day)', 'Etc/UTC'],
    ]);
  });

  describe('key events', () => {
    const ruleOf = (stack: 'Service' | 'KeyEvents', name: string) =>
      pair()
        .resources(stack, 'AWS::Events::Rule')
        .find((one) => one.Properties.Name.endsWith(name))?.Properties;

    test('of both Regions reach the function that records them', () => {
      for (const stack of ['Service', 'KeyEvents'] as const) {
        const { EventPattern } = ruleOf(stack, 'key-events');
        expect(EventPattern.source).toEqual(['aws.kms']);
        expect(EventPattern.detail.eventName).toEqual(KEY_EVENTS);
        expect(EventPattern['detail-type']).toContain('AWS Service Event via CloudTrail');
      }
      expect(nameOf(ruleOf('Service', 'key-events').Targets[0].Arn)).toContain('record-key-event');
      expect(ruleOf('KeyEvents', 'key-events').Targets[0].Arn).toBe(pair().names.defaultBusArn);
      expect(pair().stack('KeyEvents').region).toBe(pair().settings.secondaryRegion);
    });

    test('are forwarded from where they happened alone, and kept when they cannot be', () => {
      for (const { one, settings, names } of pairs()) {
        const { EventPattern, Targets } = one('KeyEvents', 'AWS::Events::Rule').Properties;
        expect(EventPattern.region).toEqual([settings.secondaryRegion]);
        const queue = one('KeyEvents', 'AWS::SQS::Queue');
        expect(Targets[0].DeadLetterConfig.Arn['Fn::GetAtt'][0]).toBe(queue.id);
        expect(queue.Properties.QueueName).toBe(names.deadLetterQueue);
        const alarm = one('KeyEvents', 'AWS::CloudWatch::Alarm').Properties;
        expect(alarm.Dimensions).toEqual([{ Name: 'QueueName', Value: names.deadLetterQueue }]);
        const topic = one('KeyEvents', 'AWS::SNS::Topic');
        expect(alarm.AlarmActions).toEqual([{ Ref: topic.id }]);
        expect(one('KeyEvents', 'AWS::SNS::Subscription').Properties).toMatchObject({
          Protocol: 'email',
          Endpoint: settings.alarmEmail,
        });
      }
    });

    test('reach no other function: whoever confirms an erasure is told once it is recorded', () => {
      const rules = pair().resources('Service', 'AWS::Events::Rule');
      expect(rules.map((one) => one.Properties.Name)).toEqual([
        expect.stringMatching(/-key-events$/),
      ]);
    });
  });
}
