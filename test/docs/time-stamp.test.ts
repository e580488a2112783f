import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatherBundle } from '../../cli/audit-bundle.ts';
import { runCli } from '../../cli/run-cli.ts';
import { createHandler as createExport } from '../../functions/admin-export.ts';
import { createHandler as createQuery } from '../../functions/admin-query.ts';
import { verifyBundle } from '../../shared/audit/verify-bundle.ts';
import { writeCheckpoint } from '../../shared/audit/write-checkpoint.ts';
import {
  type AuditBundle,
  auditBundleText,
  parseAuditBundle,
} from '../../shared/format/audit-bundle.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { httpRequest, opened } from '../functions/http-fixture.ts';
import { FIVE_WEEKS, livingInstallation, OPERATOR } from '../support/living-installation.ts';
import { readProjectFile } from '../tidy/project-files.ts';

/** The blocks of the document's section, word for word. */
const [, section = ''] = readProjectFile('docs/certificates.md').split('## Time stamps of');
const [ask = '', put = '', check = ''] = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
  ([, block]) => block,
);

const blocksOf = (title: string): string[] => {
  const [, after = ''] = readProjectFile('docs/certificates.md').split(`## ${title}\n`);
  const [text = ''] = after.split('\n## ');
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
};

/** An authority of our own: one key, one certificate that may only stamp. */
const AUTHORITY = `
cat > authority.cnf <<END
[req]
distinguished_name = name
x509_extensions = stamping
prompt = no
[name]
CN = A time stamp authority
[stamping]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = own
[own]
serial = serial
signer_cert = authority.pem
signer_key = authority.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
END
openssl req -x509 -config authority.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \\
  -keyout authority.key -out authority.pem -days 2
`;
const ANSWER = 'openssl ts -reply -config authority.cnf -queryfile question.tsq -out answer.tsr';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-stamp-'));
const FILE = join(folder, 'audit.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isMissing(program: string, argument: string): boolean {
  const isThere = spawnSync(program, [argument]).status === 0;
  if (!isThere) {
    console.info(`stamping a checkpoint is skipped: ${program} is not installed here`);
  }
  return !isThere;
}

const run = (script: string) =>
  execFileSync('sh', ['-e', '-c', script], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });

/** The command in `put`, which has no installation to reach. */
async function holdfast(...args: string[]) {
  let err = '';
  const writeErr = (text: string) => {
    err += text;
  };
  const code = await runCli({
    ...{ args, environment: {}, writeOut: () => {}, writeErr },
    sleep: async () => {},
  });
  return { code, err };
}

let bundle: AuditBundle;

beforeAll(async () => {
  const { services } = livingInstallation();
  await addPolicy(services, OPERATOR, FIVE_WEEKS);
  await writeCheckpoint(services);
  const handlers = { query: createQuery(services), export: createExport(services) };
  const call = async (route: never, { params, query: asked }: never) => {
    const handle = route === 'exportAudit' ? handlers.export : handlers.query;
    return opened(await handle(httpRequest(route, { params, query: asked }))).body;
  };
  bundle = await gatherBundle({ call: call as never }, 'installation');
});

describe.skipIf(isMissing('openssl', 'version') || isMissing('jq', '--version'))(
  'docs/certificates.md: an exported audit chain',
  () => {
    const [verify = '', show = ''] = blocksOf('Checking one');
    const [take = '', compare = ''] = blocksOf('Checking an exported audit chain');
    const script = [take, verify.replace('certificate.jws', 'export.jws'), show, compare].join(
      '\n',
    );

    test('is checked entry by entry with openssl', () => {
      writeFileSync(FILE, auditBundleText(bundle));
      writeFileSync(join(folder, 'public.pem'), bundle.publicKey);
      const said = run(script);
      expect(said).toContain('Verified OK');
      expect(said).toContain('The chain is the one that was exported.');
    });

    test.each<[string, (copy: AuditBundle) => void]>([
      ['a changed entry', ({ entries }) => Object.assign(entries[0] ?? {}, { actor: 'x' })],
      ['a missing entry', ({ entries }) => entries.pop()],
      [
        'another checkpoint',
        ({ checkpoint }) => Object.assign(checkpoint ?? {}, { jws: 'a.YQ.a' }),
      ],
    ])('with %s is refused', (_case, change) => {
      const copy = structuredClone(bundle);
      change(copy);
      writeFileSync(FILE, auditBundleText(copy));
      expect(() => run(script)).toThrow('Command failed');
    });
  },
);

describe.skipIf(isMissing('openssl', 'version') || isMissing('jq', '--version'))(
  'docs/certificates.md: the time stamp of a checkpoint',
  () => {
    test('is asked for, put into the file, and checked with openssl', async () => {
      writeFileSync(FILE, auditBundleText(bundle));
      run(`${AUTHORITY}${ask}${ANSWER}`);
      const [program, ...args] = put.trim().split(' ');
      expect(program).toBe('holdfast');
      const inFolder = args.map((arg) => (/\.(json|tsr)$/.test(arg) ? join(folder, arg) : arg));
      expect(await holdfast(...inFolder)).toEqual({ code: 0, err: '' });
      rmSync(join(folder, 'answer.tsr'));
      expect(run(`${check.trim()} 2>&1`)).toContain('Verification: OK');
      const stamped = parseAuditBundle(readFileSync(FILE, 'utf8')) as AuditBundle;
      const verified = await verifyBundle(stamped, bundle.publicKey);
      expect(verified).toMatchObject({ stamped: true, problems: [] });
    });

    test('of another checkpoint is refused, and found in a file', async () => {
      writeFileSync(FILE, auditBundleText(bundle));
      run(`printf other > checkpoint.jws; ${ask.split('\n')[1]}\n${ANSWER}`);
      const answer = join(folder, 'answer.tsr');
      const { code, err } = await holdfast('audit', 'stamp', FILE, '--answer', answer);
      expect(code).toBe(2);
      expect(err).toContain('is no time stamp of the checkpoint');
      expect(readFileSync(FILE, 'utf8')).toBe(auditBundleText(bundle));
      const foreign = structuredClone(bundle);
      const timestampToken = readFileSync(answer).toString('base64');
      Object.assign(foreign.checkpoint ?? {}, { timestampToken });
      const { stamped, problems } = await verifyBundle(foreign, bundle.publicKey);
      expect(stamped).toBe(false);
      expect(problems.map(({ what }) => what)).toEqual(['other-stamp']);
    });
  },
);
