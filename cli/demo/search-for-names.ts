import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListAliasesCommand,
  ListResourceTagsCommand,
  paginateListKeys,
} from '@aws-sdk/client-kms';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type DemoWorld, SOURCE_BUCKET } from './demo-world.ts';
import type { EmbeddedAwsProcess } from './embedded-aws-process.ts';

/** The start of every object is read: a message's encryption context stands there in plain text. */
const HEAD_BYTES = 16 * 1024;

/** Something that lies open to whoever runs the system: a text and what kind of place it is in. */
interface OpenText {
  /** In the plural. */
  readonly place: string;
  readonly text: string;
}

export interface NameSearch {
  /** How many texts of each kind of place were searched. */
  readonly searched: Readonly<Record<string, number>>;
  /** In how many of them a name occurred; kinds of place without any are left out. */
  readonly found: Readonly<Record<string, number>>;
}

/** Searches texts for any of the names, also in the escaped forms that JSON and URLs use. */
export async function searchForNames(
  names: readonly string[],
  texts: AsyncIterable<OpenText>,
): Promise<NameSearch> {
  const forms = names.flatMap((name) => [name, encodeURIComponent(name), asciiJson(name)]);
  const searched: Record<string, number> = {};
  const found: Record<string, number> = {};
  for await (const { place, text } of texts) {
    searched[place] = (searched[place] ?? 0) + 1;
    if (forms.some((form) => text.includes(form))) {
      found[place] = (found[place] ?? 0) + 1;
    }
  }
  return { searched, found };
}

/** `晨` as `\u6668`, the way some loggers write it. */
function asciiJson(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Where names do belong, and a search must find them: the ledger, and the firm's own bucket. */
export async function* rightfulTexts(world: DemoWorld): AsyncGenerator<OpenText> {
  const { clients } = await world.operator('listClients', { params: {} });
  for (const client of clients) {
    yield { place: 'registered clients', text: JSON.stringify(client) };
  }
  const client = world.s3(world.region);
  for await (const page of paginateListObjectsV2({ client }, { Bucket: SOURCE_BUCKET })) {
    for (const { Key } of page.Contents ?? []) {
      yield { place: "files in the firm's own bucket", text: Key ?? '' };
    }
  }
}

/** Keys, metadata, tags and the plain heads of everything in one copy. */
export async function* copyTexts(s3: S3Client, bucket: string): AsyncGenerator<OpenText> {
  const listing = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  if (listing.IsTruncated) {
    throw new Error('the copy holds more objects than one listing shows');
  }
  for (const { Key, VersionId } of listing.Versions ?? []) {
    const version = { Bucket: bucket, Key, VersionId };
    yield { place: 'object keys', text: Key ?? '' };
    const head = await s3.send(new HeadObjectCommand(version));
    yield { place: 'sets of metadata', text: JSON.stringify(head.Metadata ?? {}) };
    const Range = `bytes=0-${HEAD_BYTES - 1}`;
    const { Body } = await s3.send(new GetObjectCommand({ ...version, Range }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    yield { place: 'encryption contexts', text: bytes.toString('utf8') };
  }
}

/** Descriptions, tags, policies and aliases of every key in one Region. */
export async function* keyTexts(kms: KMSClient): AsyncGenerator<OpenText> {
  for await (const page of paginateListKeys({ client: kms }, {})) {
    for (const { KeyId } of page.Keys ?? []) {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
      yield { place: 'descriptions of keys', text: JSON.stringify(KeyMetadata) };
      const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }));
      yield { place: 'sets of key tags', text: JSON.stringify(Tags) };
      const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
      yield { place: 'key policies', text: Policy ?? '' };
    }
  }
  const { Aliases } = await kms.send(new ListAliasesCommand({}));
  yield { place: 'lists of key aliases', text: JSON.stringify(Aliases ?? []) };
}

/** What the functions logged and measured. */
export async function* logTexts(aws: EmbeddedAwsProcess): AsyncGenerator<OpenText> {
  const { functions } = (await aws.control('GET', 'logs')) as { functions: readonly string[] };
  for (const name of functions) {
    const { log } = (await aws.control('GET', `logs/${name}`)) as { log: string };
    for (const line of log.split('\n')) {
      yield { place: 'log lines', text: line };
    }
  }
  const { metrics } = (await aws.control('GET', 'metrics')) as { metrics: readonly unknown[] };
  for (const metric of metrics) {
    yield { place: 'metrics', text: JSON.stringify(metric) };
  }
}
