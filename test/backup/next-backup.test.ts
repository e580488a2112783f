import { expect, test } from 'vitest';
import { nextBackupAt, retryBackupAt } from '../../shared/backup/next-backup.ts';

test.each([
  ['for the first time', 24, '2026-11-02T08:00:00Z', '2026-11-03T08:00:00.000Z'],
  ['late', 24, '2026-11-02T20:00:00Z', '2026-11-03T08:00:00.000Z'],
  ['days late', 24, '2026-11-05T07:00:00Z', '2026-11-05T08:00:00.000Z'],
  ['early, by hand', 24, '2026-12-02T07:00:00Z', '2026-12-02T08:00:00.000Z'],
  ['after midnight', 6, '2026-11-03T00:05:00Z', '2026-11-03T02:00:00.000Z'],
])(
  'a backup that ran %s, each %i hours, is due at the hour of its vault',
  (_, hours, now, next) => {
    expect(nextBackupAt('2026-11-02T08:00:00Z', hours, new Date(now))).toBe(next);
  },
);

test.each([
  ['an hour later', '2026-11-02T08:00:00.000Z', 24, '2026-11-02T09:15:00.000Z'],
  [
    'within its own step when that is shorter',
    '2026-11-02T08:00:00.000Z',
    0.5,
    '2026-11-02T08:45:00.000Z',
  ],
  ['as planned when that is later', '2026-11-03T08:00:00.000Z', 24, '2026-11-03T08:00:00.000Z'],
])('a failed backup is due again %s', (_, due, everyHours, next) => {
  expect(retryBackupAt(due, everyHours, new Date('2026-11-02T08:15:00Z'))).toBe(next);
});
