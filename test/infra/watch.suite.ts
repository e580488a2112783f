import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/function-plans.ts';
import { METRIC_NAMESPACE } from '../../shared/config/metric-names.ts';
import type { Synthesized, Value } from './synthesized.ts';

/** Anchors as GitHub and most renderers make them from headings. */
function anchorsOf(file: string): string[] {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Alarms, their runbook, and the topic. */
export function watchSuite(pairs: () => readonly Synthesized[]): void {
  const pair = () => pairs()[0] as Synthesized;
  const alarms = () => pair().resources('Watch', 'AWS::CloudWatch::Alarm');
  const alarmOf = (id: string): Value =>
    alarms().find((one) => one.Properties.AlarmName === `${pair().names.prefix}-${id}`)?.Properties;

  describe('alarms', () => {
    test('cover failed and stale backups, copies, keys, restores, functions and the queue', () => {
      const ids = alarms().map((one) =>
        one.Properties.AlarmName.replace(`${pair().names.prefix}-`, ''),
      );
      expect(ids.sort()).toEqual(
        [
          'backup-failed',
          'backup-stale',
          'rpo-exceeded',
          'snapshot-incomplete',
          'single-copy',
          'legal-holds-behind',
          'legal-holds-disputed',
          'unexpected-key-event',
          'key-events-missing',
          'installation-key-event',
          'erasure-not-certified',
          'erasure-overdue',
          'handover-overdue',
          'restore-failed',
          'copy-damaged',
          'denial-lost',
          'drill-failed',
          'drill-overdue',
          'verification-behind',
          'sweep-stopped',
          'vault-unknown',
          'locks-late',
          'locks-unknown',
          'audit-broken',
          'checkpoint-missing',
          'tombstone-disputed',
          'failed-events',
          'throttles-api',
          'throttles-governance',
          'throttles-pipeline',
          'throttles-proofs',
          'throttles-verification',
          ...FUNCTION_NAMES.map((name) => `errors-${name}`),
        ].sort(),
      );
    });

    test('each point to a section of the runbook that exists', () => {
      for (const { Properties } of alarms()) {
        const [, file, anchor] = /Runbook: (\S+)#(\S+)$/.exec(Properties.AlarmDescription) ?? [];
        expect(file, Properties.AlarmName).toBeDefined();
        expect(anchorsOf(file as string), Properties.AlarmName).toContain(anchor);
      }
    });

    test('each section on an alarm says what it means, where to look, and what to do', () => {
      const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
      const sections = text.slice(text.indexOf('## Alarms')).split('\n### ').slice(1);
      expect(sections.length).toBeGreaterThan(0);
      for (const section of sections) {
        for (const part of ['**Meaning.**', '**First look.**', '**Fix.**']) {
          expect(section).toContain(part);
        }
      }
    });

    test('each tell the topic, when they begin and when they are over', () => {
      const topic = pair().one('Watch', 'AWS::SNS::Topic');
      for (const { Properties } of alarms()) {
        expect(Properties.AlarmActions).toEqual([{ Ref: topic.id }]);
        expect(Properties.OKActions).toEqual([{ Ref: topic.id }]);
      }
    });

    test.each([
      ['backup-stale', 2],
      ['single-copy', 0],
      ['verification-behind', 100],
      ['key-events-missing', 0],
      ['locks-late', 2],
      ['locks-unknown', 0],
    ])('%s rings above %d, and when nobody reports at all', (id, threshold) => {
      expect(alarmOf(id)).toMatchObject({
        TreatMissingData: 'breaching',
        Statistic: 'Maximum',
        Threshold: threshold,
        ComparisonOperator: 'GreaterThanThreshold',
      });
    });

    test.each(['backup-failed', 'unexpected-key-event', 'copy-damaged', 'sweep-stopped'])(
      '%s rings at the first one',
      (id) => {
        expect(alarmOf(id)).toMatchObject({
          TreatMissingData: 'notBreaching',
          Statistic: 'Sum',
          EvaluationPeriods: 1,
          Threshold: 0,
        });
      },
    );

    test('on own metrics have no dimension but the installation', () => {
      const own = alarms().filter((one) => one.Properties.Namespace === METRIC_NAMESPACE);
      expect(own.length).toBeGreaterThanOrEqual(14);
      for (const { Properties } of own) {
        expect(Properties.Dimensions).toEqual([
          { Name: 'Installation', Value: pair().settings.installation },
        ]);
      }
    });
  });

  test('the topic is encrypted under a key that alarms may use, and takes only TLS', () => {
    const { one, resources, settings } = pair();
    const topic = one('Watch', 'AWS::SNS::Topic');
    const key = one('Watch', 'AWS::KMS::Key');
    expect(topic.Properties.KmsMasterKeyId['Fn::GetAtt'][0]).toBe(key.id);
    expect(key.Properties.EnableKeyRotation).toBe(true);
    expect(JSON.stringify(key.Properties.KeyPolicy)).toContain('cloudwatch.amazonaws.com');
    const policy = JSON.stringify(resources('Watch', 'AWS::SNS::TopicPolicy'));
    expect(policy).toContain('"aws:SecureTransport":"false"');
    const mail = one('Watch', 'AWS::SNS::Subscription');
    expect(mail.Properties).toMatchObject({ Protocol: 'email', Endpoint: settings.alarmEmail });
  });

  test('the dashboard shows the state of every alarm', () => {
    const dashboard = pair().one('Watch', 'AWS::CloudWatch::Dashboard');
    const body = JSON.stringify(dashboard.Properties.DashboardBody);
    for (const { id } of alarms()) expect(body).toContain(`"${id}"`);
  });
}
