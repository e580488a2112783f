import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/function-plans.ts';
import { ROUTES, type RouteName } from '../../shared/admin-api/routes.ts';
import { ENV } from '../../shared/config/env-names.ts';
import { covers, listOf, type Synthesized, textOf, type Value } from './synthesized.ts';

const KEY_EVENTS = [
  'DisableKey',
  'EnableKey',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
  'PutKeyPolicy',
  'DeleteKey',
];

/** Functions, API, state machine, schedules and event rules, in every pair of Regions. */
export function serviceSuite(pairs: () => readonly Synthesized[]): void {
  const pair = () => pairs()[0] as Synthesized;
  const functionsOf = ({ resources }: Synthesized) => resources('Service', 'AWS::Lambda::Function');
  const functionOf = (name: string) =>
    functionsOf(pair()).find((one) => one.Properties.FunctionName.endsWith(`-${name}`));
  const nameOf = (arn: Value) =>
    functionsOf(pair()).find(({ id }) => id === arn['Fn::GetAtt'][0])?.Properties.FunctionName;

  describe('functions', () => {
    test('run on Node 24, on arm64 where it is known to exist', () => {
      for (const one of pairs()) {
        const architecture = one.settings.partition === 'aws-cn' ? 'x86_64' : 'arm64';
        for (const { Properties } of functionsOf(one)) {
          expect(Properties).toMatchObject({
            Runtime: 'nodejs24.x',
            Architectures: [architecture],
            Handler: 'index.handler',
          });
          expect(Properties.TracingConfig).toBeUndefined();
          expect(Properties.ReservedConcurrentExecutions).toBeUndefined();
        }
      }
    });

    test('have a log group of their own that keeps a year', () => {
      const groups = new Map(
        pair()
          .resources('Service', 'AWS::Logs::LogGroup')
          .map((group) => [group.id, group.Properties]),
      );
      const used = functionsOf(pair()).map((one) => one.Properties.LoggingConfig.LogGroup.Ref);
      expect(new Set(used).size).toBe(FUNCTION_NAMES.length);
      for (const id of used) expect(groups.get(id)?.RetentionInDays).toBe(365);
    });

    test('that nobody waits for hand failed events to the queue', () => {
      const withQueue = functionsOf(pair())
        .filter((one) => one.Properties.DeadLetterConfig)
        .map((one) => one.Properties.FunctionName.replace(`${pair().names.prefix}-`, ''));
      expect(withQueue.sort()).toEqual([
        'advance-erasures',
        'apply-holds',
        'certify-erasures',
        'check-protection',
        'confirm-erasures',
        'end-retention',
        'move-vaults',
        'record-key-event',
        'renew-locks',
        'repair-copies',
        'restore-snapshot',
        'schedule-backups',
        'start-drills',
        'sweep-copies',
        'verify-share',
        'verify-snapshot',
        'write-checkpoint',
      ]);
    });

    test('that work through records have a whole vCPU and 15 minutes', () => {
      const ofSnapshots = ['run-backup', 'restore-snapshot', 'verify-snapshot', 'verify-share'];
      for (const name of [...ofSnapshots, 'move-vaults', 'renew-locks', 'sweep-copies']) {
        expect(functionOf(name)?.Properties).toMatchObject({ MemorySize: 1769, Timeout: 900 });
      }
    });

    test('are told only what they need', () => {
      const variables = (name: string) =>
        Object.keys(functionOf(name)?.Properties.Environment.Variables);
      const roles = [ENV.keyUserRoles, ENV.keyReaderRoles, ENV.keyEraserRole, ENV.keyAdminRoles];
      for (const name of FUNCTION_NAMES) {
        const knowsRoles = variables(name).some((one) => (roles as string[]).includes(one));
        const writes = ['admin-register', 'restore-key-policies'].includes(name);
        expect([name, knowsRoles]).toEqual([name, writes]);
      }
      expect(variables('record-backup-failure')).toHaveLength(9);
      expect(variables('admin-govern')).toContain(ENV.eraserFunction);
      expect(variables('admin-restore')).toContain(ENV.restorerFunction);
      expect(variables('admin-verify')).toContain(ENV.verifierFunction);
      expect(variables('verify-share')).toHaveLength(9);
    });

    test('write key policies that name who uses, reads, erases and administers', () => {
      const { names } = pair();
      const role = (name: string) => names.roleArn(`${names.prefix}-${name}`);
      expect(functionOf('admin-register')?.Properties.Environment.Variables).toMatchObject({
        [ENV.account]: pair().settings.account,
        [ENV.keyUserRoles]: ['run-backup', 'move-vaults', 'writer'].map(role).join(','),
        [ENV.keyReaderRoles]: [
          'run-backup',
          'move-vaults',
          'restore-snapshot',
          'verify-snapshot',
          'confirm-erasures',
          'reader',
        ]
          .map(role)
          .join(','),
        [ENV.keyEraserRole]: role('advance-erasures'),
        [ENV.keyAdminRoles]: ['admin-register', 'restore-key-policies', 'admin-rebuild']
          .map(role)
          .join(','),
      });
    });

    test('are whole in their bundles: nothing is imported but what Node has', () => {
      const bundles = readdirSync(pair().directory)
        .filter((entry) => entry.startsWith('asset.'))
        .map((entry) => readFileSync(join(pair().directory, entry, 'index.mjs'), 'utf8'));
      expect(bundles.length).toBeGreaterThan(0);
      for (const bundle of bundles) {
        const imported = [...bundle.matchAll(/^import .*? from ["']([^"']+)["'];$/gm)];
        const foreign = imported
          .map((match) => match[1] ?? '')
          .filter((name) => /^[@.]/.test(name));
        expect(foreign).toEqual([]);
      }
    });

    test('load in Node and export a handler', () => {
      const bundles = readdirSync(pair().directory)
        .filter((entry) => entry.startsWith('asset.'))
        .map((entry) => join(pair().directory, entry, 'index.mjs'));
      const program = `for (const file of ${JSON.stringify(bundles)}) {
        const { handler } = await import(file);
        if (typeof handler !== 'function') throw new Error(file);
      }`;
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '--eval', program],
        { encoding: 'utf8', env: { AWS_REGION: pair().settings.primaryRegion } },
      );
      expect([status, stderr]).toEqual([0, '']);
    }, 60_000);

    test('have the same bytes in every installation', () => {
      const assets = pairs().map(({ directory }) =>
        readdirSync(directory).filter((entry) => entry.startsWith('asset.')),
      );
      for (const other of assets) expect(other).toEqual(assets[0]);
    });
  });

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
        'approveRelease',
        'approveClientRelease',
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
          expect.arrayContaining(['COPY_UNAVAILABLE', 'Lambda.Unknown', 'States.Timeout']),
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

    test('that end a key start the confirmation of erasures', () => {
      const rule = ruleOf('Service', 'keys-deleted');
      expect(rule.EventPattern.detail.eventName).toEqual(['DeleteKey']);
      expect(nameOf(rule.Targets[0].Arn)).toContain('confirm-erasures');
    });
  });
}
