import { describe, expect, test } from 'vitest';
import { gatherSettings } from '../../infra/gather-settings.ts';
import {
  DEFAULT_MAX_LOCK_DAYS,
  DEFAULT_MAX_SWEEP_PERCENT,
  parseSettings,
  SettingsError,
} from '../../infra/settings.ts';
import { BUILT_IN_POLICIES } from '../../shared/domain/policy.ts';
import { lockReachDays } from '../../shared/domain/policy-locks.ts';

const REQUIRED = {
  account: '111122223333',
  primaryRegion: 'eu-central-1',
  secondaryRegion: 'eu-west-1',
  residency: 'eu',
};

const noFile = (path: string): string => {
  throw new Error(`no file ${path}`);
};

function refusalOf(raw: Record<string, unknown>): string {
  try {
    parseSettings(raw);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('settings', () => {
  test('have safe defaults for everything but the place', () => {
    expect(parseSettings(REQUIRED)).toEqual({
      ...REQUIRED,
      installation: 'main',
      residency: ['eu'],
      sourceBuckets: [],
      restoreBuckets: [],
      maxLockDays: DEFAULT_MAX_LOCK_DAYS,
      backupConcurrency: 10,
      shardRecords: 500_000,
      maxSweepPercent: DEFAULT_MAX_SWEEP_PERCENT,
      retiredSigningKeys: [],
      bootstrapQualifier: 'hnb659fds',
      partition: 'aws',
    });
  });

  test('take lists as comma separated text or as arrays', () => {
    const text = parseSettings({ ...REQUIRED, sourceBuckets: 'one-bucket, two-bucket' });
    const array = parseSettings({ ...REQUIRED, sourceBuckets: ['one-bucket', 'two-bucket'] });
    expect(text.sourceBuckets).toEqual(array.sourceBuckets);
  });

  test('name every missing value and show an example', () => {
    const message = refusalOf({});
    for (const name of Object.keys(REQUIRED)) expect(message).toContain(`${name}: missing`);
    expect(message).toContain('npm run synth -- -c account=');
  });

  test.each([
    ['a misspelt name', { residancy: 'eu' }, 'residancy: no such setting'],
    ['an empty residency', { residency: '' }, 'residency: name at least one jurisdiction'],
    ['a bucket given as URL', { sourceBuckets: 's3://records' }, 'without s3://'],
    ['a bucket with a wildcard', { restoreBuckets: 'restores-*' }, 'expected the name of'],
    ['an account with letters', { account: '11112222333x' }, '12 digits'],
    ['a lock beyond what S3 accepts', { maxLockDays: '36501' }, 'maxLockDays'],
    ['a sweep of more than everything', { maxSweepPercent: '101' }, 'maxSweepPercent'],
    ['a key that is none', { retiredSigningKeys: 'public.pem' }, 'retiredSigningKeys'],
    ['an installation that makes bucket names too long', { installation: 'a'.repeat(17) }, '16'],
    ['an upper-case installation', { installation: 'Main' }, 'lower-case'],
    ['an address that is none', { alarmEmail: 'nobody' }, 'alarmEmail'],
  ])('refuse %s', (_what, change, says) => {
    expect(refusalOf({ ...REQUIRED, ...change })).toContain(says);
  });

  test.each(['sourceBuckets', 'restoreBuckets'])('refuse one of the copies in %s', (name) => {
    const copy = 'holdfast-main-111122223333-secondary-eu-west-1';
    expect(refusalOf({ ...REQUIRED, [name]: copy })).toContain(
      "is one of this installation's copies",
    );
  });

  test('allow by default what every built-in policy locks', () => {
    const longest = BUILT_IN_POLICIES.map(lockReachDays);
    expect(Math.max(...longest)).toBeLessThan(DEFAULT_MAX_LOCK_DAYS);
  });
});

describe('the value of a setting', () => {
  test('comes from the context, then the settings file, then the environment', () => {
    const raw = gatherSettings({
      context: { settings: 'mine.json', installation: 'context' },
      environment: {
        HOLDFAST_INSTALLATION: 'environment',
        HOLDFAST_RESIDENCY: 'us',
        HOLDFAST_ACCOUNT: '111122223333',
      },
      readFile: (path) => {
        expect(path).toBe('mine.json');
        return JSON.stringify({ installation: 'file', residency: ['eu'] });
      },
    });
    expect(raw).toEqual({ installation: 'context', residency: ['eu'], account: '111122223333' });
  });

  test('may be the account of the CDK command line, and an empty variable is none', () => {
    const environment = { HOLDFAST_ACCOUNT: '', CDK_DEFAULT_ACCOUNT: '444455556666' };
    expect(gatherSettings({ context: {}, environment, readFile: noFile })).toEqual({
      account: '444455556666',
    });
  });

  test("is not sought in CDK's own context keys, but a misspelt key is kept to be refused", () => {
    const context = { '@aws-cdk/core:flag': true, 'aws:cdk:enable': 1, primaryRegoin: 'x' };
    expect(gatherSettings({ context, environment: {}, readFile: noFile })).toEqual({
      primaryRegoin: 'x',
    });
  });

  test.each([
    ['is absent', noFile],
    ['is not JSON', () => '{'],
    ['is a list', () => '[]'],
  ])('cannot come from a settings file that %s', (_what, readFile) => {
    const sources = { context: { settings: 'mine.json' }, environment: {}, readFile };
    expect(() => gatherSettings(sources)).toThrow(SettingsError);
    expect(() => gatherSettings(sources)).toThrow('mine.json');
  });
});
