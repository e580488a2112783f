import { describe, expect, test } from 'vitest';
import { awsAnswerOf } from '../../shared/aws/translate-errors.ts';

const thrown = (name: string, httpStatusCode?: number, further = {}): Error =>
  Object.assign(new Error('text'), { name, $metadata: { httpStatusCode }, ...further });

describe('reading an error of an AWS client', () => {
  test.each([
    ['AccessDenied', 403, false],
    ['NoSuchKey', 404, false],
    ['ConditionalRequestConflict', 409, true],
    ['SlowDown', 503, true],
    ['InternalError', 500, true],
    ['ThrottlingException', 400, true],
    ['ValidationException', 400, false],
    ['Unheard', 429, true],
    ['SyntaxError', 200, true],
    ['PermanentRedirect', 301, false],
  ])('%s (%i) passes by itself: %s', (code, status, isTransient) => {
    expect(awsAnswerOf(thrown(code, status))).toMatchObject({ code, status, isTransient });
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND'])('%s passes by itself', (code) => {
    expect(awsAnswerOf(thrown('Error', undefined, { code }))).toMatchObject({
      code,
      status: null,
      isTransient: true,
    });
  });

  test('a call that took too long passes by itself', () => {
    expect(awsAnswerOf(thrown('TimeoutError')).isTransient).toBe(true);
  });

  test('nothing of the original text is kept, as it may quote an object key', () => {
    const original = thrown('NoSuchKey', 404, { Key: '上海示例/2026.pdf', requestId: 'R1' });
    const answer = awsAnswerOf(original);
    expect(`${answer.message} ${answer.stack} ${JSON.stringify(answer)}`).not.toContain('上海');
    expect(answer.cause).toBeUndefined();
  });

  test('a mistake in the program is thrown on as it is', () => {
    const bug = new TypeError('x is not a function');
    expect(() => awsAnswerOf(bug)).toThrow(bug);
  });
});
