import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const outdir = mkdtempSync(join(tmpdir(), 'holdfast-app-'));
const repository = fileURLToPath(new URL('../../', import.meta.url));

afterAll(() => rmSync(outdir, { recursive: true, force: true }));

function runApp(context: Record<string, unknown>, environment: Record<string, string> = {}) {
  return spawnSync(process.execPath, ['infra/app.ts'], {
    cwd: repository,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      CDK_OUTDIR: join(outdir, 'assembly'),
      CDK_CONTEXT_JSON: JSON.stringify(context),
      ...environment,
    },
  });
}

test('the app refuses a pair outside the residency with the reason, and writes nothing', () => {
  const { status, stderr } = runApp(
    { primaryRegion: 'eu-central-1', secondaryRegion: 'us-east-1' },
    { HOLDFAST_ACCOUNT: '111122223333', HOLDFAST_RESIDENCY: 'eu' },
  );
  expect(status).toBe(1);
  expect(stderr).toContain('us-east-1 is in jurisdiction "us", but residency allows only eu');
  expect(stderr).not.toContain('at ');
  expect(existsSync(join(outdir, 'assembly'))).toBe(false);
}, 60_000);
