import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type cx_api } from 'aws-cdk-lib';
import { bundleFunctions, FUNCTION_SOURCES } from './bundle-functions.ts';
import type { FunctionName } from './function-plans.ts';
import { acknowledgements } from './policy/acknowledged.ts';
import { checkPolicy } from './policy/check-policy.ts';
import type { Settings } from './settings.ts';
import { CopyStack } from './stacks/copy-stack.ts';
import { KeyEventStack } from './stacks/key-event-stack.ts';
import { LedgerStack } from './stacks/ledger-stack.ts';
import { ServiceStack } from './stacks/service-stack.ts';
import { WatchStack } from './stacks/watch-stack.ts';

/**
 * Builds all stacks of one installation and writes their templates and assets. Asks AWS nothing.
 *
 * @param outdir - directory of the cloud assembly; made when absent.
 * @param sources - directory of the functions' files. Default: `functions/`.
 * @returns the assembly as written.
 */
export function synthesize(
  settings: Settings,
  outdir: string,
  sources: string = FUNCTION_SOURCES,
): cx_api.CloudAssembly {
  const bundles = mkdtempSync(join(tmpdir(), 'holdfast-functions-'));
  try {
    const app = new App({
      outdir,
      context: featureFlags(),
      analyticsReporting: false,
      treeMetadata: false,
    });
    addStacks(app, settings, bundleFunctions(bundles, sources));
    checkPolicy(app, acknowledgements(settings));
    return app.synth();
  } finally {
    rmSync(bundles, { recursive: true, force: true });
  }
}

function addStacks(
  app: App,
  settings: Settings,
  codeDirectory: (name: FunctionName) => string,
): void {
  const copies = [
    new CopyStack(app, 'CopyPrimary', { settings, copy: 'primary' }),
    new CopyStack(app, 'CopySecondary', { settings, copy: 'secondary' }),
  ];
  const ledger = new LedgerStack(app, 'Ledger', { settings });
  const service = new ServiceStack(app, 'Service', { settings, codeDirectory });
  for (const stack of [...copies, ledger]) service.addStackDependency(stack);
  const keyEvents = new KeyEventStack(app, 'KeyEvents', { settings });
  const watch = new WatchStack(app, 'Watch', { settings });
  for (const stack of [keyEvents, watch]) stack.addStackDependency(service);
}

/** The feature flags of `cdk.json`, which only the CDK command line would read by itself. */
function featureFlags(): Record<string, unknown> {
  const file = new URL('../cdk.json', import.meta.url);
  const { context } = JSON.parse(readFileSync(file, 'utf8')) as {
    context: Record<string, unknown>;
  };
  return context;
}
