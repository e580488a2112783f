import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import { makeBucket } from '../../bench/bare-installation.ts';
import { S3Target } from '../../shared/aws/s3-target.ts';
import { PART_BYTES } from '../../shared/domain/limits.ts';
import { type EmbeddedServices, startEmbeddedServices } from '../support/embedded-services.ts';
import { describeTargetContract } from './target.contract.ts';

const REGION = 'eu-west-1';
const BUCKET = 'restored-records';
let embedded: EmbeddedServices;
let targets = 0;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
  await makeBucket(embedded.clients.s3(REGION), REGION, BUCKET);
}, 60_000);
afterAll(() => embedded.stop());

describeTargetContract('S3', async () => {
  targets += 1;
  const client = embedded.clients.s3(REGION);
  const prefix = `restore ${targets}/`;
  const at = (path: string) => ({ Bucket: BUCKET, Key: prefix + path });
  return {
    target: new S3Target({ client, location: { bucket: BUCKET, prefix, region: REGION } }),
    largeBytes: PART_BYTES,
    read: async (path) => {
      const { Body } = await client.send(new GetObjectCommand(at(path)));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    put: async (path, Body) => {
      await client.send(new PutObjectCommand({ ...at(path), Body }));
    },
    names: () => namesUnder(client, prefix),
    properties: async (path) => {
      const { ContentType, Metadata, Body } = await client.send(new GetObjectCommand(at(path)));
      await Body?.transformToByteArray();
      const { TagSet } = await client.send(new GetObjectTaggingCommand(at(path)));
      const tags = (TagSet ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']);
      return {
        contentType: ContentType ?? null,
        metadata: Metadata ?? {},
        tags: Object.fromEntries(tags),
      };
    },
  };
});

/** Finished objects and uploads that are still open. */
async function namesUnder(client: S3Client, Prefix: string): Promise<string[]> {
  const at = { Bucket: BUCKET, Prefix };
  const { Contents } = await client.send(new ListObjectsV2Command(at));
  const { Uploads } = await client.send(new ListMultipartUploadsCommand(at));
  return [...(Contents ?? []), ...(Uploads ?? [])].map(({ Key }) => Key ?? '');
}
