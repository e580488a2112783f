import { usageError } from './cli-error.ts';

/** Where the admin API is and which Region signs for it. Credentials are the AWS SDK's business. */
export interface Settings {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly region: string;
}

/** The variables the CLI reads, for its help and for `docs/cli.md`. */
export const SETTING_VARIABLES: Readonly<Record<string, string>> = {
  HOLDFAST_API_URL: 'Address of the admin API: the output "ApiUrl" of the service stack.',
  HOLDFAST_DEBUG: 'Set to 1 to see the stack trace of an error.',
  AWS_REGION: "The API's Region; needed only when the address does not name it.",
  'AWS_PROFILE, AWS_ACCESS_KEY_ID, …': 'Credentials, found as every AWS tool finds them.',
};

/** The next step of whoever has no address, or a wrong one. */
export const HOW_TO_GET_URL =
  'Take the output "ApiUrl" of the deployed service stack, or what "npm run local" prints.';

/**
 * @param environment - `process.env`.
 * @throws CliError `USAGE` when a setting is missing or malformed; it says where to get it.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = environment.HOLDFAST_API_URL ?? '';
  if (given === '') {
    throw usageError('HOLDFAST_API_URL is not set.', HOW_TO_GET_URL);
  }
  const url = URL.parse(given);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError('HOLDFAST_API_URL is not an http(s) address.', HOW_TO_GET_URL);
  }
  const region =
    regionInHost(url.hostname) ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  if (region === undefined || region === '') {
    throw usageError(
      'The Region of the admin API is not known.',
      'Set AWS_REGION to the primary Region of the installation.',
    );
  }
  return { apiUrl: given.replace(/\/+$/, ''), region };
}

/** API Gateway's own addresses: `<id>.execute-api.<region>.amazonaws.com`, in China `….com.cn`. */
function regionInHost(hostname: string): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(hostname)?.[1];
}
