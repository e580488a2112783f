import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseClockMove } from '../../local/gateway/parse-clock-move.ts';
import { openMovableClock } from '../../local/movable-clock.ts';
import { startTestGateway, temporaryDirectory } from './gateway-fixture.ts';

describe('where the clock is moved to', () => {
  const now = new Date('2026-01-31T12:00:00.000Z');

  test.each([
    ['{"to":"2030-01-01T00:00:00Z"}', '2030-01-01T00:00:00.000Z'],
    ['2030-01-01T08:00:00+08:00\n', '2030-01-01T00:00:00.000Z'],
    ['2030-01-01', '2030-01-01T00:00:00.000Z'],
    ['{"by":"P8D"}', '2026-02-08T12:00:00.000Z'],
    ['P1M', '2026-02-28T12:00:00.000Z'],
    ['P2Y1M', '2028-02-29T12:00:00.000Z'],
    ['P1W', '2026-02-07T12:00:00.000Z'],
    ['PT1H30M1.5S', '2026-01-31T13:30:01.500Z'],
    ['P1Y2M3W4DT5H6M7S', '2027-04-25T17:06:07.000Z'],
  ])('%s is %s', (body, expected) => {
    expect(parseClockMove(body, now).toISOString()).toBe(expected);
  });

  test.each([
    '',
    'P',
    'PT',
    'P1DT',
    'P-1D',
    'P1.5D',
    'tomorrow',
    '2030-13-01',
    '{"to":1}',
    '{}',
    '{"to":"2030-01-01","by":"P1D"}',
    '{broken',
    'P999999999Y',
  ])('%o is refused', (body) => {
    expect(() => parseClockMove(body, now)).toThrow(/clock:/);
  });
});

describe('the movable clock', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  const machine = Date.parse('2026-11-23T00:00:00Z');
  const open = (machineNow = () => machine) =>
    openMovableClock({ dataDirectory: directory.path, machineNow });

  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  test('runs with the machine and stays ahead after a restart', async () => {
    const clock = open();
    await clock.moveTo(new Date('2026-12-01T00:00:00Z'));
    expect(clock.offset()).toBe(8 * 86_400_000);
    clock.close();
    const reopened = open(() => machine + 5_000);
    expect(reopened.now().toISOString()).toBe('2026-12-01T00:00:05.000Z');
    reopened.close();
  });

  test('only moves forward', async () => {
    const clock = open();
    const back = clock.moveTo(new Date(machine - 1));
    await expect(back).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
    await expect(clock.moveTo(new Date(Number.NaN))).rejects.toThrow();
    expect(clock.offset()).toBe(0);
    clock.close();
  });

  test('awaits its listeners in order, one move after the other', async () => {
    const clock = open();
    const calls: string[] = [];
    for (const name of ['first', 'second']) {
      clock.onMove(async (from, to) => {
        await new Promise(setImmediate);
        calls.push(`${name} ${from.getUTCDate()} ${to.getUTCDate()} ${clock.now().getUTCDate()}`);
      });
    }
    const moves = [clock.moveTo(new Date('2026-11-24')), clock.moveTo(new Date('2026-11-25'))];
    await Promise.all(moves);
    expect(calls).toEqual([
      'first 23 24 24',
      'second 23 24 24',
      'first 24 25 25',
      'second 24 25 25',
    ]);
    clock.close();
  });

  test('tells every listener even when one fails, and says so', async () => {
    const clock = open();
    const told: Date[] = [];
    clock.onMove(async () => {
      throw new Error('first failed');
    });
    clock.onMove(async (_from, to) => {
      told.push(to);
    });
    await expect(clock.moveTo(new Date('2026-11-24'))).rejects.toThrow(AggregateError);
    expect(told).toHaveLength(1);
    await clock.moveTo(new Date('2026-11-25')).catch(() => undefined);
    expect(clock.now().toISOString()).toBe('2026-11-25T00:00:00.000Z');
    clock.close();
  });
});

describe('the control plane', () => {
  let local: Awaited<ReturnType<typeof startTestGateway>>;
  beforeEach(async () => {
    const greet = async () => ({ status: 200, body: 'hello' });
    const extra = { method: 'GET', path: '/_local/greet', handle: greet } as const;
    local = await startTestGateway(() => [], { controlRoutes: [extra] });
  });
  afterEach(() => local.close());

  test('reads and moves the clock', async () => {
    const url = `${local.endpoint}/_local/clock`;
    const moved = await fetch(url, { method: 'POST', body: JSON.stringify({ by: 'P8D' }) });
    const { now, offsetMs } = (await moved.json()) as { now: string; offsetMs: number };
    // The clock runs on between reading it and moving it.
    expect(Math.abs(offsetMs - 8 * 86_400_000)).toBeLessThan(1_000);
    expect(Math.abs(Date.parse(now) - Date.now() - offsetMs)).toBeLessThan(5_000);
    expect((await fetch(url, { method: 'POST', body: '2020-01-01T00:00:00Z' })).status).toBe(400);
    expect(await (await fetch(url)).json()).toMatchObject({ offsetMs });
  });

  test('has a health route, further routes, and names them when asked for another', async () => {
    const health = await fetch(`${local.endpoint}/_local/health`);
    expect(await health.json()).toMatchObject({ status: 'ok' });
    expect(await (await fetch(`${local.endpoint}/_local/greet`)).json()).toBe('hello');
    const unknown = await fetch(`${local.endpoint}/_local/nothing`);
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('POST /_local/clock');
  });

  test.each([
    [{ origin: 'http://evil.example' }],
    [{ origin: 'null' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ host: 'evil.example' }],
    [{ host: '127.0.0.1.evil.example' }],
  ])('refuses a web page: %o', async (headers) => {
    const { hostname, port } = new URL(local.endpoint);
    const status = await new Promise((resolve, reject) => {
      const options = { hostname, port, path: '/_local/clock', method: 'POST', headers };
      const sent = request(options, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end('P1D');
    });
    expect(status).toBe(403);
    expect(local.clock.offset()).toBe(0);
  });
});
