import type { z } from 'zod';
import { countOf } from '../domain/count-of.ts';

/** Enough to correct a form by; an answer stays short whatever was sent. */
const MOST_PROBLEMS = 8;
const MOST_CHARACTERS = 60;

/**
 * Says what is wrong with an input, field by field. Names fields and what they must be, never the
 * value that was given: it may be a client's name.
 * @param whole - what to call the input itself when it is not an object at all.
 */
export function describeProblems(error: z.ZodError, whole: string): string {
  const issues = error.issues.flatMap(withinChoice);
  const problems = issues.slice(0, MOST_PROBLEMS).map((issue) => {
    const field = issue.path.length === 0 ? whole : issue.path.join('.');
    return `${field} ${describeIssue(issue)}`;
  });
  const more = issues.length - problems.length;
  return more > 0 ? `${problems.join('; ')}; and ${more} more` : problems.join('; ');
}

/** Of a choice of which nothing fits: what is wrong with the one that the value was meant to be. */
function withinChoice(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') {
    return [issue];
  }
  const isOther = ({ code, path }: z.core.$ZodIssue) =>
    code === 'invalid_type' && path.length === 0;
  const meant = issue.errors.find((problems) => !problems.some(isOther)) ?? [];
  return meant.length === 0
    ? [issue]
    : meant.map((problem) => ({ ...problem, path: [...issue.path, ...problem.path] }));
}

function describeIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ').slice(0, MOST_CHARACTERS)}`;
    case 'invalid_type':
      // Whether anything was given, zod says in its message alone.
      return issue.message.endsWith('received undefined')
        ? `must be given (${issue.expected})`
        : `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_big':
      return `must be at most ${amountOf(Number(issue.maximum), issue.origin)}`;
    case 'too_small':
      return describeTooSmall(issue);
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
    case 'custom':
      return issue.message;
    default:
      return 'is not valid';
  }
}

function describeTooSmall({ minimum, origin }: z.core.$ZodIssueTooSmall): string {
  return origin === 'string' && Number(minimum) === 1
    ? 'must not be empty'
    : `must be at least ${amountOf(Number(minimum), origin)}`;
}

/** What is counted is named; a number stands alone. */
function amountOf(number: number, origin: string): string {
  switch (origin) {
    case 'string':
      return countOf(number, 'character');
    case 'array':
      return countOf(number, 'item');
    default:
      return String(number);
  }
}

/** What zod calls a kind of value, in words. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};
