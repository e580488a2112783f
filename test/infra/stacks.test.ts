import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { checkPolicy, UnusedAcknowledgementError } from '../../infra/policy/check-policy.ts';
import { copiesSuite } from './copies.suite.ts';
import { functionsSuite } from './functions.suite.ts';
import { keyStoreSuite } from './key-store.suite.ts';
import { proofsSuite } from './proofs.suite.ts';
import { rolesSuite } from './roles.suite.ts';
import { serviceSuite } from './service.suite.ts';
import { type Synthesized, synthesizeExample } from './synthesized.ts';
import { watchSuite } from './watch.suite.ts';

/** Loading the CDK takes seconds, so all suites share one file and one synth per pair. */
let pairs: Synthesized[] = [];

beforeAll(() => {
  // The CDK's own check of the templates takes seconds each; `npm run synth` has it on.
  vi.stubEnv('CDK_VALIDATION', 'false');
  pairs = [synthesizeExample('eu'), synthesizeExample('us-eu'), synthesizeExample('china')];
}, 120_000);

afterAll(() => {
  vi.unstubAllEnvs();
  for (const pair of pairs) pair.remove();
});

rolesSuite(() => pairs);
copiesSuite(() => pairs);
keyStoreSuite(() => pairs);
proofsSuite(() => pairs);
functionsSuite(() => pairs);
serviceSuite(() => pairs);
watchSuite(() => pairs);

describe('stacks', () => {
  test('that hold data cannot be deleted by accident, the others can', () => {
    const protectedStacks = (['CopyPrimary', 'CopySecondary', 'Ledger'] as const).map(
      (id) => pairs[0]?.stack(id).terminationProtection,
    );
    const others = (['Service', 'KeyEvents', 'Watch'] as const).map(
      (id) => pairs[0]?.stack(id).terminationProtection,
    );
    expect([...protectedStacks, ...others]).toEqual([true, true, true, false, false, false]);
  });

  test('share nothing but names: no exports, no look-ups, no custom resources', () => {
    for (const { text } of pairs) {
      expect(text).not.toMatch(/Fn::ImportValue|Fn::GetStackOutput|"Export"|Custom::/);
    }
  });

  test('name only ARNs of their own partition', () => {
    for (const { text, settings } of pairs) {
      const partitions = new Set([...text.matchAll(/arn:(aws[a-z-]*):/g)].map((match) => match[1]));
      expect([...partitions]).toEqual([settings.partition]);
    }
  });
});

describe('the policy check', () => {
  const withBareBucket = (use: (app: App) => void): void => {
    const outdir = mkdtempSync(join(tmpdir(), 'holdfast-policy-'));
    const silenced = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      const app = new App({ outdir, analyticsReporting: false });
      new Bucket(new Stack(app, 'Bare'), 'Bucket');
      use(app);
    } finally {
      silenced.mockRestore();
      rmSync(outdir, { recursive: true, force: true });
    }
  };

  test('fails the synth for a finding that nobody explained', () => {
    withBareBucket((app) => {
      checkPolicy(app, []);
      expect(() => app.synth()).toThrow('validation-report.json');
    });
  });

  test('accepts a finding that is explained, on that resource only', () => {
    withBareBucket((app) => {
      new Bucket(new Stack(app, 'Other'), 'Bucket');
      const reason = 'a test';
      checkPolicy(app, [{ finding: /^AwsSolutions-S\d+$/, at: /^Bare\//, reason }]);
      expect(() => app.synth()).toThrow('validation-report.json');
    });
    withBareBucket((app) => {
      checkPolicy(app, [{ finding: /^AwsSolutions-S\d+$/, at: /^Bare\//, reason: 'a test' }]);
      expect(() => app.synth()).not.toThrow();
    });
  });

  test('refuses an explanation of a finding that does not occur', () => {
    withBareBucket((app) => {
      const unused = { finding: /^AwsSolutions-SQS3$/, at: /^Bare\//, reason: 'long gone' };
      expect(() => checkPolicy(app, [unused])).toThrow(UnusedAcknowledgementError);
      expect(() => checkPolicy(app, [unused])).toThrow('long gone');
    });
  });
});
