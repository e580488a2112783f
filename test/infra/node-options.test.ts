import { describe, expect, test } from 'vitest';
import { FUNCTION_PLANS } from '../../infra/function-plans.ts';
import { nodeOptions } from '../../infra/node-options.ts';

describe('the limits of V8 in a function', () => {
  test.each([
    ['run-backup', 1061],
    ['admin-query', 307],
  ] as const)('of %s leave room for buffers in its memory', (name, oldSpaceMiB) => {
    const options = `--max-semi-space-size=8 --max-old-space-size=${oldSpaceMiB}`;
    expect(nodeOptions(FUNCTION_PLANS[name].size)).toBe(options);
  });
});
