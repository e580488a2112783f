/**
 * The CDK app: `node infra/app.ts`, run by the CDK command line or on its own. The only file of
 * `infra/` that reads the environment and the context.
 */
import { readFileSync } from 'node:fs';
import { gatherSettings } from './gather-settings.ts';
import { ResidencyError } from './residency.ts';
import { parseSettings, SettingsError } from './settings.ts';
import { synthesize } from './synthesize.ts';

/** The CDK command line passes its context and output directory in these variables. */
const { CDK_CONTEXT_JSON = '{}', CDK_OUTDIR = 'cdk.out' } = process.env;

try {
  const raw = gatherSettings({
    context: JSON.parse(CDK_CONTEXT_JSON) as Record<string, unknown>,
    environment: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  synthesize(parseSettings(raw), CDK_OUTDIR);
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof ResidencyError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
