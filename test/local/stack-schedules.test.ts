import { describe, expect, test } from 'vitest';
import type { ClockListener, LocalClock } from '../../local/clock.ts';
import { parseScheduleExpression } from '../../local/scheduler/schedule-expression.ts';
import { Schedules } from '../../local/scheduler/schedules.ts';

describe('schedule expressions', () => {
  const anchor = new Date('2026-11-23T10:00:30Z');
  const cases: [string, string, string | undefined][] = [
    ['rate(15 minutes)', '2026-11-23T10:00:30Z', '2026-11-23T10:15:30.000Z'],
    ['rate(1 hour)', '2026-11-23T11:30:00Z', '2026-11-23T12:00:30.000Z'],
    ['rate(1 day)', '2026-11-23T10:00:30Z', '2026-11-24T10:00:30.000Z'],
    ['cron(0 3 * * ? *)', '2026-11-23T10:00:00Z', '2026-11-24T03:00:00.000Z'],
    ['cron(0/20 * * * ? *)', '2026-11-23T10:20:00Z', '2026-11-23T10:40:00.000Z'],
    ['cron(30 8 ? * MON-FRI *)', '2026-11-20T09:00:00Z', '2026-11-23T08:30:00.000Z'],
    ['cron(0 0 L * ? *)', '2027-02-01T00:00:00Z', '2027-02-28T00:00:00.000Z'],
    ['cron(0 0 29 FEB ? *)', '2026-11-23T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['cron(0 0 1 1 ? 2026)', '2026-11-23T00:00:00Z', undefined],
    ['at(2027-01-31T12:00:00)', '2026-11-23T00:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['at(2026-01-31T12:00:00)', '2026-11-23T00:00:00Z', undefined],
  ];
  test.each(cases)('%s after %s', (expression, after, expected) => {
    const next = parseScheduleExpression(expression, anchor).next(new Date(after));
    expect(next?.toISOString()).toBe(expected);
  });

  test.each([
    'every(5 minutes)',
    'rate(0 minutes)',
    'rate(2 weeks)',
    'cron(0 3 * *)',
    'cron(61 * * * ? *)',
    'cron(0 0 ? * 2#1 *)',
  ])('%s is refused', (expression) => {
    expect(() => parseScheduleExpression(expression, anchor)).toThrow(/local schedules/);
  });
});

/** A clock that stands still until it is moved. */
function standingClock(start: string): LocalClock {
  let now = new Date(start);
  const listeners: ClockListener[] = [];
  return {
    now: () => now,
    offset: () => 0,
    onMove: (listener) => listeners.push(listener),
    async moveTo(to) {
      const from = now;
      now = to;
      for (const listener of listeners) await listener(from, to);
    },
  };
}

describe('schedules', () => {
  function hourly(paused = false, enabled = true) {
    const clock = standingClock('2026-11-23T10:00:00Z');
    const fired: string[] = [];
    const warnings: string[] = [];
    const schedules = new Schedules({ clock, paused, warn: (text) => warnings.push(text) });
    schedules.add({
      name: 'hourly',
      region: 'eu-central-1',
      expression: 'rate(1 hour)',
      enabled,
      fire: async (scheduledFor) => void fired.push(scheduledFor.toISOString()),
    });
    return { clock, schedules, fired, warnings };
  }

  test('fire once for a move over many ticks, and again after the next tick', async () => {
    const { clock, schedules, fired } = hourly();
    await clock.moveTo(new Date('2026-11-30T10:30:00Z'));
    expect(fired).toEqual(['2026-11-23T11:00:00.000Z']);
    await clock.moveTo(new Date('2026-11-30T10:59:00Z'));
    expect(fired).toHaveLength(1);
    await clock.moveTo(new Date('2026-11-30T11:00:00Z'));
    expect(fired).toEqual(['2026-11-23T11:00:00.000Z', '2026-11-30T11:00:00.000Z']);
    schedules.stop();
  });

  test('do not fire by themselves when paused or disabled, but by hand', async () => {
    for (const { clock, schedules, fired } of [hourly(true), hourly(false, false)]) {
      await clock.moveTo(new Date('2026-11-24T10:00:00Z'));
      expect(fired).toEqual([]);
      await schedules.run('hourly');
      expect(fired).toEqual(['2026-11-24T10:00:00.000Z']);
      schedules.stop();
    }
  });

  test('one whose target fails does not stop the move and is reported', async () => {
    const { clock, schedules, warnings } = hourly();
    schedules.add({
      name: 'broken',
      region: 'eu-central-1',
      expression: 'rate(1 hour)',
      enabled: true,
      fire: async () => await Promise.reject(new Error('no target')),
    });
    await clock.moveTo(new Date('2026-11-23T11:00:00Z'));
    expect(warnings).toEqual(['schedule broken failed: Error: no target']);
    schedules.stop();
  });

  test('an unknown name is refused', async () => {
    const { schedules } = hourly();
    await expect(schedules.run('nope')).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    schedules.stop();
  });
});
