import { LocalAwsError } from '../gateway/service.ts';

const OPERATORS = [
  'anything-but',
  'equals-ignore-case',
  'exists',
  'numeric',
  'prefix',
  'suffix',
  'wildcard',
];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Whether an event matches an EventBridge event pattern. Leaves of a pattern are arrays of which
 * one entry must match; an array in the event matches when one of its elements does. Supported
 * besides exact values: `prefix`, `suffix`, `equals-ignore-case`, `anything-but` (values, prefix,
 * suffix), `exists`, `numeric`, `wildcard`, and `$or`.
 */
export function matchesPattern(pattern: Fields, event: Fields): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === '$or' && Array.isArray(expected)) {
      return expected.some((alternative) => matchesPattern(alternative as Fields, event));
    }
    return matchesField(expected, event[key]);
  });
}

/**
 * Checks a pattern when a rule is made, so that an unknown operator fails then and not at the
 * first event.
 * @throws LocalAwsError `InvalidEventPatternException`.
 */
export function checkPattern(pattern: Fields): void {
  for (const [key, expected] of Object.entries(pattern)) {
    if (key === '$or' && Array.isArray(expected)) {
      for (const alternative of expected) checkPattern(alternative as Fields);
    } else if (Array.isArray(expected)) {
      expected.filter(isFields).forEach(checkRule);
    } else if (isFields(expected)) {
      checkPattern(expected);
    } else {
      throw invalid('a field must be an object or an array');
    }
  }
}

function checkRule(rule: Fields): void {
  const [operator] = Object.keys(rule);
  if (!OPERATORS.includes(operator ?? '')) {
    throw invalid(`local events match ${OPERATORS.join(', ')}; got ${operator}`);
  }
}

function matchesField(expected: unknown, actual: unknown): boolean {
  if (Array.isArray(expected)) {
    const values = Array.isArray(actual) ? actual : [actual];
    return values.length === 0
      ? expected.some((rule) => matchesRule(rule, undefined))
      : expected.some((rule) => values.some((value) => matchesRule(rule, value)));
  }
  if (!isFields(expected)) {
    return false;
  }
  if (Array.isArray(actual)) {
    return actual.some((element) => isFields(element) && matchesPattern(expected, element));
  }
  return matchesPattern(expected, isFields(actual) ? actual : {});
}

function matchesRule(rule: unknown, value: unknown): boolean {
  if (!isFields(rule)) {
    return rule === value;
  }
  const [operator, operand] = Object.entries(rule)[0] ?? [];
  const text = typeof value === 'string' ? value : undefined;
  switch (operator) {
    case 'exists':
      return (value !== undefined) === operand;
    case 'prefix':
      return matchesText(operand, text, (part) => text?.startsWith(part) ?? false);
    case 'suffix':
      return matchesText(operand, text, (part) => text?.endsWith(part) ?? false);
    case 'equals-ignore-case':
      return text !== undefined && text.toLowerCase() === String(operand).toLowerCase();
    case 'wildcard':
      return text !== undefined && wildcard(String(operand)).test(text);
    case 'anything-but':
      return value !== undefined && !matchesAnythingBut(operand, value);
    case 'numeric':
      return typeof value === 'number' && matchesNumeric(operand, value);
    default:
      return false;
  }
}

function matchesText(
  operand: unknown,
  text: string | undefined,
  test: (part: string) => boolean,
): boolean {
  if (typeof operand !== 'string') {
    throw invalid('prefix and suffix take a string');
  }
  return text !== undefined && test(operand);
}

function matchesAnythingBut(operand: unknown, value: unknown): boolean {
  const excluded = Array.isArray(operand) ? operand : [operand];
  return excluded.some((entry) => matchesRule(entry, value));
}

function matchesNumeric(operand: unknown, value: number): boolean {
  if (!Array.isArray(operand) || operand.length % 2 !== 0) {
    throw invalid('numeric takes pairs of an operator and a number');
  }
  for (let index = 0; index < operand.length; index += 2) {
    if (!compare(String(operand[index]), value, Number(operand[index + 1]))) {
      return false;
    }
  }
  return true;
}

function compare(operator: string, left: number, right: number): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      throw invalid(`unknown numeric operator ${operator}`);
  }
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(reason: string): LocalAwsError {
  return new LocalAwsError('InvalidEventPatternException', 400, `Invalid event pattern: ${reason}`);
}
