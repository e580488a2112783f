import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeProblems } from '../../shared/admin-api/describe-problems.ts';

const FORM = z.strictObject({
  everyHours: z.number(),
  title: z.string().min(1).max(3),
  rules: z.array(z.boolean()).min(1),
});
const GOOD = { everyHours: 4, title: 'A', rules: [true] };

test.each([
  ['what is missing', { everyHours: undefined }, 'everyHours must be given (number)'],
  ['a text for a number', { everyHours: '4' }, 'everyHours must be a number'],
  ['nothing for a number', { everyHours: null }, 'everyHours must be a number'],
  ['an empty text', { title: '' }, 'title must not be empty'],
  ['a long text', { title: 'ABCD' }, 'title must be at most 3 characters'],
  ['an empty list', { rules: [] }, 'rules must be at least 1 item'],
  ['a list of something else', { rules: [1] }, 'rules.0 must be true or false'],
])('%s is told as such', (_case, change, says) => {
  const { error } = FORM.safeParse({ ...GOOD, ...change });
  expect(error && describeProblems(error, 'the form')).toBe(says);
});
