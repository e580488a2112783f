import { LocalAwsError } from '../gateway/service.ts';
import { nextCronTick, parseCron } from './parse-cron.ts';

/** When a schedule fires. All times are UTC. */
export interface ScheduleTimes {
  /** The first tick after `after`, or `undefined` when there is none left. */
  next(after: Date): Date | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/**
 * Parses `rate(15 minutes)`, `cron(0 3 * * ? *)` or `at(2027-01-31T00:00:00)`.
 * @param anchor - a rate's ticks are this instant plus whole intervals.
 * @throws LocalAwsError `ValidationException` for anything else.
 */
export function parseScheduleExpression(expression: string, anchor: Date): ScheduleTimes {
  const match = /^(rate|cron|at)\((.+)\)$/.exec(expression.trim());
  switch (match?.[1]) {
    case 'rate':
      return rateTimes(match[2] ?? '', anchor);
    case 'cron': {
      const cron = parseCron(match[2] ?? '');
      return { next: (after) => nextCronTick(cron, after) };
    }
    case 'at': {
      const at = new Date(`${match[2]}Z`);
      if (Number.isNaN(at.getTime())) throw invalid(expression);
      return { next: (after) => (at > after ? at : undefined) };
    }
    default:
      throw invalid(expression);
  }
}

function rateTimes(text: string, anchor: Date): ScheduleTimes {
  const match = /^(\d+) (minute|hour|day)s?$/.exec(text.trim());
  const interval = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN);
  if (!(interval > 0)) throw invalid(`rate(${text})`);
  return {
    next(after) {
      const passed = Math.max(0, Math.floor((after.getTime() - anchor.getTime()) / interval));
      return new Date(anchor.getTime() + (passed + 1) * interval);
    },
  };
}

function invalid(expression: string): LocalAwsError {
  return new LocalAwsError(
    'ValidationException',
    400,
    `local schedules understand rate(), cron() and at(); got ${expression}`,
  );
}
