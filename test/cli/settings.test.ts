import { expect, test } from 'vitest';
import { CliError } from '../../cli/cli-error.ts';
import { readSettings } from '../../cli/settings.ts';

test('the Region is taken from the address of API Gateway, also in China', () => {
  const of = (host: string) => readSettings({ HOLDFAST_API_URL: `https://${host}/` }).region;
  expect(of('abc1.execute-api.eu-central-1.amazonaws.com')).toBe('eu-central-1');
  expect(of('abc1.execute-api.cn-north-1.amazonaws.com.cn')).toBe('cn-north-1');
});

test('the address wins over AWS_REGION, which may belong to something else', () => {
  const HOLDFAST_API_URL = 'https://abc1.execute-api.eu-central-1.amazonaws.com';
  expect(readSettings({ HOLDFAST_API_URL, AWS_REGION: 'us-east-1' }).region).toBe('eu-central-1');
});

test('another address takes the Region from AWS_REGION, and loses its last slash', () => {
  const HOLDFAST_API_URL = 'http://127.0.0.1:4566/_api/abc/';
  expect(readSettings({ HOLDFAST_API_URL, AWS_REGION: 'eu-west-1' })).toEqual({
    apiUrl: 'http://127.0.0.1:4566/_api/abc',
    region: 'eu-west-1',
  });
});

test.each([
  ['without an address', {}, /HOLDFAST_API_URL is not set/, /ApiUrl/],
  ['with something else than an address', { HOLDFAST_API_URL: 'abc' }, /not an http/, /ApiUrl/],
  ['with a file', { HOLDFAST_API_URL: 'file:///etc' }, /not an http/, /ApiUrl/],
  ['without a Region', { HOLDFAST_API_URL: 'http://127.0.0.1:1' }, /Region/, /AWS_REGION/],
])('%s it says what is missing and where to get it', (_case, environment, message, next) => {
  const thrown = (() => {
    try {
      return readSettings(environment);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(CliError);
  expect(thrown).toMatchObject({ exitCode: 2 });
  expect((thrown as CliError).message).toMatch(message);
  expect((thrown as CliError).next).toMatch(next);
});
