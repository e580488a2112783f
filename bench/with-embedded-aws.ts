import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EmbeddedAws, startEmbeddedAws } from './embedded-aws-process.ts';
import { clientsOf, makeInstallation } from './installation.ts';

/** Runs `work` beside an embedded AWS that starts empty and is removed afterwards. */
export async function withEmbeddedAws<Result>(
  directory: string,
  work: (aws: EmbeddedAws) => Promise<Result>,
): Promise<Result> {
  const data = join(directory, 'aws');
  const aws = await startEmbeddedAws(data);
  try {
    await makeInstallation(clientsOf(aws.endpoint));
    return await work(aws);
  } finally {
    await aws.stop();
    await rm(data, { recursive: true, force: true });
  }
}
