import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { writePages } from '../describe-certificate.ts';
import type { DemoWorld, Registered } from './demo-world.ts';
import { ensure } from './proofs.ts';

/** Asks once a second; the function that certifies was started a moment ago. */
const PAUSE_MS = 1000;
const MOST_TRIES = 60;

/**
 * Fetches the certificate of an erasure and checks it as a third party would: with two files and
 * nothing else. What it writes is kept: the certificate, the public key and the pages to print.
 * @param keys - the ARNs of the keys that were destroyed.
 */
export async function proveCertificate(
  world: DemoWorld,
  { client, vaultId }: Registered,
  keys: readonly string[],
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-certificate-'));
  await world.proofs.prove('Anybody can check the certificate offline', async () => {
    const certificateId = await waitForCertificate(world, vaultId);
    const params = { vaultId, certificateId };
    const { jws } = await world.operator('showCertificate', { params });
    const { publicKey } = await world.operator('showSigningKey', { params: {} });
    const [file, keyFile] = [join(folder, `${certificateId}.jws`), join(folder, 'public.pem')];
    await writeFile(file, jws);
    await writeFile(keyFile, publicKey);
    const verified = await verifyCertificate(
      await readFile(file, 'utf8'),
      await readFile(keyFile, 'utf8'),
    );
    const { certificate } = verified;
    const stated = COPY_NAMES.map((copy) => certificate.destroyed.keys[copy]);
    ensure(stated.join() === keys.join(), 'it names other keys');
    const pages = await writePages(verified, folder);
    for (const written of [file, ...pages]) {
      const text = await readFile(written, 'utf8');
      ensure(!text.includes(client.name), 'it names the client');
      ensure(!text.includes(client.reference), "it holds the firm's number for the client");
    }
    const changed = jws.replace(/.\./, (end) => (end === 'A.' ? 'B.' : 'A.'));
    const forged = await verifyCertificate(changed, publicKey).then(
      () => true,
      () => false,
    );
    ensure(!forged, 'a changed certificate was taken for good');
    return `signed over ${certificate.destroyed.objects.count} objects; certificate, key and two pages: ${folder}`;
  });
}

async function waitForCertificate(world: DemoWorld, vaultId: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const { certificates } = await world.operator('listCertificates', { params: { vaultId } });
    const [first] = certificates;
    if (first !== undefined) {
      return first.certificateId;
    }
    ensure(tries < MOST_TRIES, 'there is no certificate');
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
