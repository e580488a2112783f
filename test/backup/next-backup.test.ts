import { expect, test } from 'vitest';
import { nextBackupAt, retryBackupAt } from '../../shared/backup/next-backup.ts';

test.each([
  ['never planned', null, '2026-11-02T09:30:00Z', '2026-11-03T09:30:00.000Z'],
  ['on time', '2026-11-02T08:00:00Z', '2026-11-02T08:00:00Z', '2026-11-03T08:00:00.000Z'],
  ['late', '2026-11-02T08:00:00Z', '2026-11-02T20:00:00Z', '2026-11-03T08:00:00.000Z'],
  ['days late', '2026-11-02T08:00:00Z', '2026-11-05T07:00:00Z', '2026-11-05T08:00:00.000Z'],
  ['early, by hand', '2026-11-02T08:00:00Z', '2026-11-02T07:00:00Z', '2026-11-02T08:00:00.000Z'],
])('a daily backup that ran %s is due next', (_, due, now, next) => {
  expect(nextBackupAt(due, 24, new Date(now))).toBe(next);
});

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
