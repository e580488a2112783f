import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/function-plans.ts';
import { ENV } from '../../shared/config/env-names.ts';
import type { Synthesized } from './synthesized.ts';

/** What each function is given, in every pair of Regions. */
export function functionsSuite(pairs: () => readonly Synthesized[]): void {
  const pair = () => pairs()[0] as Synthesized;
  const functionsOf = ({ resources }: Synthesized) => resources('Service', 'AWS::Lambda::Function');
  const functionOf = (name: string) =>
    functionsOf(pair()).find((one) => one.Properties.FunctionName.endsWith(`-${name}`));

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
        'compare-keys',
        'compare-tombstones',
        'confirm-erasures',
        'end-retention',
        'move-vaults',
        'record-key-event',
        'renew-locks',
        'renew-proofs',
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

    test('that are told their own name may start themselves again and again, no others', () => {
      for (const { Properties } of functionsOf(pair())) {
        const { FunctionName, Environment, RecursiveLoop } = Properties;
        const knowsItself = Object.values(Environment.Variables).includes(FunctionName);
        const expected = knowsItself ? 'Allow' : undefined;
        expect([FunctionName, RecursiveLoop]).toEqual([FunctionName, expected]);
      }
      const looping = functionsOf(pair()).filter((one) => one.Properties.RecursiveLoop);
      expect(looping.length).toBeGreaterThan(3);
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
}
