import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../cli/describe-failure.ts';
import { EXIT, exitCodeOf } from '../../cli/exit-codes.ts';
import { failedWork } from '../../cli/failed-work.ts';
import { parseS3Location } from '../../cli/parse-location.ts';
import { waitUntilEnded } from '../../cli/wait-until-ended.ts';
import { FAULT_STATUS, faultKindOf } from '../../shared/admin-api/fault-status.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { runAgainst } from './run-fixture.ts';
import { RUN, VAULT } from './sample-answers.ts';

describe('exit codes', () => {
  test.each([
    ['invalid', 2],
    ['absent', 3],
    ['conflict', 4],
    ['refused', 5],
    ['damaged', 6],
    ['unavailable', 7],
  ] as const)('a fault that is %s ends with %d', (kind, code) => {
    expect(exitCodeOf(kind)).toBe(code);
  });

  test('differ from each other', () => {
    expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length);
  });
});

test('each kind of fault can be told from the status it is answered with', () => {
  for (const [kind, status] of Object.entries(FAULT_STATUS)) {
    expect(faultKindOf(status)).toBe(kind);
  }
});

test('a fault of this machine is reported with its own sentence and next step', () => {
  const { failure, exitCode } = describeFailure(new HoldfastError('TARGET_EXISTS', { count: 2 }));
  expect(failure.error).toBe('TARGET_EXISTS');
  expect(failure.next).toContain('--overwrite');
  expect(exitCode).toBe(4);
});

test('missing credentials are a setting to correct', () => {
  const missing = Object.assign(new Error('none'), { name: 'CredentialsProviderError' });
  expect(describeFailure(missing)).toMatchObject({
    failure: { error: 'NO_CREDENTIALS' },
    exitCode: 2,
  });
});

describe('an error nobody foresaw', () => {
  const answering = { showVault: new TypeError('Oh.') };

  test('is reported without a stack trace', async () => {
    const ran = await runAgainst(answering, ['vault', 'show', VAULT]);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toBe(
      'holdfast: Oh.\nRun it again with HOLDFAST_DEBUG=1 to see where it happened. (UNEXPECTED)\n',
    );
  });

  test('shows its stack trace when HOLDFAST_DEBUG is 1', async () => {
    const environment = { HOLDFAST_DEBUG: '1' };
    const ran = await runAgainst(answering, ['vault', 'show', VAULT], { environment });
    expect(ran.err).toMatch(/TypeError: Oh\.\n\s+at /);
  });

  test('is one JSON document on stderr with --json', async () => {
    const ran = await runAgainst(answering, ['vault', 'show', VAULT, '--json']);
    expect(ran.out).toBe('');
    expect(JSON.parse(ran.err)).toEqual({
      error: 'UNEXPECTED',
      message: 'Oh.',
      next: expect.stringContaining('HOLDFAST_DEBUG'),
    });
  });
});

describe('work that failed elsewhere', () => {
  test('is reported with the next step of what ended it', () => {
    const failure = failedWork(`Backup run ${RUN}`, 'SOURCE_MISSING');
    expect(failure.message).toBe(`Backup run ${RUN} failed with SOURCE_MISSING.`);
    expect(failure).toMatchObject({ exitCode: 3, next: expect.stringContaining('vault show ID') });
  });

  test('is unexpected when its code is not in the catalogue', () => {
    expect(failedWork('It', 'Lambda.Unknown')).toMatchObject({ exitCode: 1 });
    expect(failedWork('It', null)).toMatchObject({ exitCode: 1, message: 'It failed.' });
  });
});

describe('an S3 location', () => {
  test.each([
    ['s3://firm', { bucket: 'firm', prefix: '' }],
    ['s3://firm/', { bucket: 'firm', prefix: '' }],
    ['s3://firm/a/b', { bucket: 'firm', prefix: 'a/b/' }],
    ['s3://firm/客户/', { bucket: 'firm', prefix: '客户/' }],
  ])('%s names a bucket and a folder in it', (text, location) => {
    expect(parseS3Location(text, '--to')).toEqual(location);
  });

  test.each(['s3:/firm', 's3://', 's3://Firm/a', 'https://firm'])('%s is refused', (text) => {
    expect(() => parseS3Location(text, '--to')).toThrow('--to is not an S3 location');
  });
});

test('waiting grows longer from question to question and stays within its limit', async () => {
  const waits: number[] = [];
  const waiting = waitUntilEnded(
    async () => ({ state: 'RUNNING' }),
    async (milliseconds) => void waits.push(milliseconds),
    { limitMs: 60_000, later: 'Look later.' },
  );
  await expect(waiting).rejects.toMatchObject({ code: 'STILL_RUNNING', next: 'Look later.' });
  expect(waits.slice(0, 3)).toEqual([500, 750, 1125]);
  expect(Math.max(...waits)).toBe(10_000);
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(70_000);
});
