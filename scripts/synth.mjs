/**
 * `npm run synth` writes the CloudFormation templates and runs the policy checks. Asks AWS nothing.
 * Without arguments it does so for every settings file of `infra/examples/`, into `build/synth/`,
 * and stops at the first that fails; with arguments it is `cdk synth <arguments>`:
 * `npm run synth -- -c settings=infra/examples/eu.json`.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const EXAMPLES = join('infra', 'examples');

/** @returns whether the CDK command line succeeded; its output goes to ours. */
function synth(args) {
  const run = spawnSync(
    process.execPath,
    [join('node_modules', 'aws-cdk', 'bin', 'cdk'), 'synth', ...args],
    {
      cwd: root,
      // No version or usage report leaves the machine.
      env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_VERSION_CHECK: 'true' },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (run.error !== undefined) throw run.error;
  return run.status === 0;
}

function synthExample(file) {
  const name = basename(file, '.json');
  const started = performance.now();
  const settings = join(EXAMPLES, file);
  const ok = synth(['--quiet', '-c', `settings=${settings}`, '-o', join('build', 'synth', name)]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${settings}: ${ok ? 'synthesized' : 'FAILED'} in ${seconds} s\n`);
  return ok;
}

const args = process.argv.slice(2);
const examples = readdirSync(join(root, EXAMPLES)).filter((file) => file.endsWith('.json'));
const ok = args.length > 0 ? synth(args) : examples.length > 0 && examples.every(synthExample);
process.exitCode = ok ? 0 : 1;
