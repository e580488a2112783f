import { describe, expect, test } from 'vitest';
import { EmfTelemetry } from '../../shared/aws/emf-telemetry.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import { MovableClock } from '../support/movable-clock.ts';

function openTelemetry() {
  const lines: string[] = [];
  const telemetry = new EmfTelemetry({
    installation: 'test',
    clock: new MovableClock(),
    writeLine: (line) => lines.push(line),
  });
  return { telemetry, parsed: () => lines.map((line) => JSON.parse(line)), lines };
}

describe('events', () => {
  test('an event is one line with its time and its fields', () => {
    const { telemetry, parsed, lines } = openTelemetry();
    telemetry.event('backup.committed', { vaultId: '01K9', packs: 2, first: true, code: null });
    expect(parsed()).toEqual([
      {
        time: '2026-11-02T08:00:00.000Z',
        installation: 'test',
        event: 'backup.committed',
        vaultId: '01K9',
        packs: 2,
        first: true,
        code: null,
      },
    ]);
    expect(lines.join('')).not.toContain('\n');
  });

  test.each([
    ['path', 'contracts/2026.pdf'],
    ['name', 'Acme'],
    ['title', 'x'],
    ['code', 'two words'],
    ['vaultId', '上海示例有限公司'],
    ['state', 'line\nbreak'],
    ['code', 'x'.repeat(257)],
  ])('the text of %s is withheld when it is %j', (field, value) => {
    const { telemetry, parsed } = openTelemetry();
    telemetry.event('test', { [field]: value });
    expect(parsed()[0]).toMatchObject({ [field]: '[withheld]' });
  });

  test.each([
    ['route', 'POST /vaults/{vaultId}/backups'],
    ['object', 'vaults/01K9/packs/01KA'],
    ['keyArn', 'arn:aws:kms:eu-west-1:111122223333:key/0a1b'],
    ['requestId', 'JKJaXmPLvHcESHA='],
  ])('the text of %s is kept', (field, value) => {
    const { telemetry, parsed } = openTelemetry();
    telemetry.event('test', { [field]: value });
    expect(parsed()[0]).toMatchObject({ [field]: value });
  });

  test('a field cannot take the place of the time or the event', () => {
    const { telemetry, parsed } = openTelemetry();
    telemetry.event('test', { event: 'other', time: 'never', installation: 'other' });
    expect(parsed()[0]).toMatchObject({ event: 'test', installation: 'test' });
  });
});

describe('metrics', () => {
  test('a metric is one line in the Embedded Metric Format, with one dimension', () => {
    const { telemetry, parsed } = openTelemetry();
    telemetry.measure(METRICS.backupStaleHours, 26.5);
    expect(parsed()).toEqual([
      {
        _aws: {
          Timestamp: Date.parse('2026-11-02T08:00:00Z'),
          CloudWatchMetrics: [
            {
              Namespace: 'Holdfast',
              Dimensions: [['Installation']],
              Metrics: [{ Name: 'BackupStaleHours' }],
            },
          ],
        },
        Installation: 'test',
        BackupStaleHours: 26.5,
      },
    ]);
  });
});
