import type { EmbeddedAws } from './embedded-aws.ts';

/** The variables that point the CLI, the SDKs and other tools at an embedded AWS. */
export function exportedEnvironment(
  aws: Pick<EmbeddedAws, 'endpoint' | 'regions' | 'apiUrl'>,
  user: 'operator' | 'supervisor' = 'operator',
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: aws.regions[0] ?? 'us-east-1',
    AWS_ACCESS_KEY_ID: user,
    AWS_SECRET_ACCESS_KEY: `${user}-secret`,
    ...(aws.apiUrl === undefined ? {} : { HOLDFAST_API_URL: aws.apiUrl }),
  };
}

/** The variables as lines for a shell. None of the values needs quoting. */
export function shellLines(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}=${value}\n`)
    .join('');
}
