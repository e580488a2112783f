/**
 * `npm run check`: everything that can be judged without running the whole test suite. One line per
 * step; the output of a step appears only when it fails, and all steps run even then.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);

const STEPS = [
  { name: 'lint and format', command: [bin('biome'), 'check', '--error-on-warnings', '.'] },
  { name: 'types', command: [bin('tsc'), '--noEmit', '-p', '.'] },
  { name: 'synth of the examples', command: [process.execPath, join('scripts', 'synth.mjs')] },
  { name: 'layers, sizes, documents', command: [bin('vitest'), 'run', 'test/tidy'] },
];

/** @returns the exit status and what the command printed. */
function run([command, ...args]) {
  return new Promise((resolve) => {
    const chunks = [];
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const settle = (ok, text = '') => resolve({ ok, output: `${Buffer.concat(chunks)}${text}` });
    child.once('error', (error) => settle(false, error.message));
    child.once('close', (code) => settle(code === 0));
  });
}

let failures = 0;
for (const { name, command } of STEPS) {
  const started = performance.now();
  const { ok, output } = await run(command);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!ok) {
    failures += 1;
    process.stdout.write(`${output.trim()}\n`);
  }
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${name}  (${seconds} s)\n`);
}
process.stdout.write(
  failures === 0 ? 'All checks passed.\n' : `${failures} of ${STEPS.length} checks failed.\n`,
);
process.exitCode = failures === 0 ? 0 : 1;
