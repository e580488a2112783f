import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBucket } from '../../bench/bare-installation.ts';
import { KmsCustody } from '../../shared/aws/kms-custody.ts';
import { S3Copy } from '../../shared/aws/s3-copy.ts';
import { S3Source } from '../../shared/aws/s3-source.ts';
import { S3Target } from '../../shared/aws/s3-target.ts';
import { systemPause } from '../../shared/aws/system-clock.ts';
import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import type { SourceLocation, Vault } from '../../shared/domain/records.ts';
import type { Services } from '../../shared/ports/services.ts';
import { planFor } from '../../shared/restore/restore-plan.ts';
import { restoreSnapshot } from '../../shared/restore/restore-snapshot.ts';
import { backUp } from '../support/backed-up-vault.ts';
import {
  EMBEDDED_ACCOUNT,
  EMBEDDED_ROLES,
  type EmbeddedServices,
  startEmbeddedServices,
} from '../support/embedded-services.ts';
import { registeredVault } from '../support/living-installation.ts';
import {
  type MemoryServices,
  memoryServices,
  TEST_INSTALLATION,
} from '../support/memory-services.ts';

const REGION = 'eu-central-1';
const BUCKET = 'any-tree';
const { regions, buckets } = TEST_INSTALLATION;

interface TreeRecord {
  readonly path: string;
  readonly text: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

let embedded: EmbeddedServices;
let trees = 0;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
  await makeBucket(embedded.clients.s3(REGION), REGION, BUCKET);
}, 180_000);
afterAll(() => embedded.stop());

/** The engine over the embedded S3 and KMS; only the ledger is in memory. */
function world(): MemoryServices {
  const { clients, clock } = embedded;
  const memory = memoryServices(new Date());
  const copyOf = (name: CopyName): S3Copy =>
    new S3Copy({ name, client: clients.s3(regions[name]), bucket: buckets[name], clock });
  const custody = new KmsCustody({
    installation: TEST_INSTALLATION.name,
    partition: 'aws',
    account: EMBEDDED_ACCOUNT,
    regions,
    clientOf: clients.kms,
    roles: EMBEDDED_ROLES,
    pause: systemPause,
    randomBytes,
  });
  const services: Services = {
    ...memory.services,
    copies: { primary: copyOf('primary'), secondary: copyOf('secondary') },
    custody,
    openSource: ({ vaultId }) => sourceAt(vaultId, locationOf('source')),
  };
  return { ...memory, services };
}

function locationOf(name: string): SourceLocation {
  return { bucket: BUCKET, prefix: `${trees}/${name}/`, region: REGION };
}

function sourceAt(vaultId: string, location: SourceLocation): S3Source {
  return new S3Source({ client: embedded.clients.s3(REGION), location, vaultId });
}

async function putTree(tree: readonly TreeRecord[]): Promise<void> {
  const { prefix } = locationOf('source');
  for (const { path, text, contentType, metadata, tags } of tree) {
    const Key = prefix + path;
    const object = { Bucket: BUCKET, Key, Body: Buffer.from(text), ContentType: contentType };
    const Tagging = new URLSearchParams(tags).toString();
    const command = new PutObjectCommand({ ...object, Metadata: { ...metadata }, Tagging });
    await embedded.clients.s3(REGION).send(command);
  }
}

async function readTree(location: SourceLocation, vaultId: string): Promise<TreeRecord[]> {
  const source = sourceAt(vaultId, location);
  const tree: TreeRecord[] = [];
  for (const entry of (await Array.fromAsync(source.list())).flat()) {
    const content = await source.read(entry);
    if (content === undefined || 'skipped' in content) {
      throw new Error('A record that is listed cannot be read.');
    }
    const { contentType, metadata, tags } = content;
    const text = (await buffer(content.body)).toString('utf8');
    tree.push({ path: entry.path, text, contentType: contentType ?? '', metadata, tags });
  }
  return tree;
}

async function restoredTree(
  { services }: MemoryServices,
  vault: Vault,
  snapshot: Awaited<ReturnType<typeof backUp>>,
  from: CopyName,
): Promise<TreeRecord[]> {
  const location = locationOf(`from ${from}`);
  const target = new S3Target({ client: embedded.clients.s3(REGION), location });
  const wish = { patterns: [], from, target, overwrite: false };
  await restoreSnapshot(services, planFor(vault, snapshot), wish);
  return readTree(location, vault.vaultId);
}

/** Bytes left for a path below the longest prefix, of the 1,024 that S3 takes. */
const PATH_BYTES = 1_000;

const ODD_PIECES = [
  ...['', '.', '..', '/', '//', ' ', '\n', '\t', '+', '%2F', '%', '&', '<', '"', "'", '?', '#'],
  ...[
    '\\',
    'C:',
    '-rf',
    'holdfast-escaped',
    'caf\u00e9',
    'cafe\u0301',
    'ﬁ',
    'İ',
    '\u202e',
    '\uffff',
  ],
  ...['😀', '👨‍👩‍👧', '会议纪要', '長'.repeat(90), 'x'.repeat(256)],
];
const piece = fc.oneof(
  fc.constantFrom(...ODD_PIECES),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
// XML, in which S3 lists keys, has no other control characters.
const isListable = (path: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  path !== '' && path.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(path);
const path = fc
  .array(piece, { minLength: 1, maxLength: 12 })
  .map((pieces) => pieces.join('/'))
  .filter((text) => isListable(text) && Buffer.byteLength(text) <= PATH_BYTES);
const longest = fc.integer({ min: 1, max: 3 }).map((bytes) =>
  '€é.'
    .charAt(bytes - 1)
    .repeat(PATH_BYTES)
    .slice(0, Math.floor(PATH_BYTES / 3)),
);
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const visible = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
const record = fc.record({
  path: fc.oneof({ weight: 9, arbitrary: path }, longest),
  text: fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme', maxLength: 2_000 })),
  contentType: fc.constantFrom('text/plain', 'application/pdf; name="a b"', 'x/y'),
  metadata: fc.dictionary(word, visible, { maxKeys: 4 }),
  tags: fc.dictionary(
    fc.string({ unit: fc.constantFrom(...'abc 会é+-=._:/@'), minLength: 1, maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...'xyz 值+-=._:/@'), maxLength: 30 }),
    { maxKeys: 4 },
  ),
});

test('any tree comes back from either copy as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(record, { selector: (one) => one.path, maxLength: 12 }),
      async (tree) => {
        trees += 1;
        const here = world();
        const vault = await registeredVault(here);
        await putTree(tree);
        const expected = await readTree(locationOf('source'), vault.vaultId);
        expect(expected.map((one) => one.path).sort()).toEqual(tree.map((one) => one.path).sort());
        const snapshot = await backUp(here, vault);
        expect(snapshot.counts).toMatchObject({ records: tree.length, skipped: 0 });
        for (const from of COPY_NAMES) {
          expect(await restoredTree(here, vault, snapshot, from)).toEqual(expected);
        }
      },
    ),
    { numRuns: 20 },
  );
}, 120_000);
