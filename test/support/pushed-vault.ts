import { renewPushBody } from '../../shared/admin-api/messages.ts';
import type { PushAnswer } from '../../shared/admin-api/push-answers.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import type { SkipReason } from '../../shared/domain/skip-reason.ts';
import type { Source } from '../../shared/ports/source.ts';
import { beginPush } from '../../shared/push/begin-push.ts';
import { commitPush } from '../../shared/push/commit-push.ts';
import { renewPush } from '../../shared/push/renew-push.ts';
import { type WrittenPush, writePush } from '../../shared/push/write-push.ts';
import { registerClient } from '../../shared/registry/register-client.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { OPERATOR } from './living-installation.ts';
import type { MemoryServices } from './memory-services.ts';

/** Registers a client and one vault that is pushed to. */
export async function folderVault({ services }: MemoryServices, reference = 'F-1'): Promise<Vault> {
  const client = await registerClient(services, OPERATOR, { name: 'Somebody', reference });
  return registerVault(services, OPERATOR, client.clientId, {
    recordClass: 'books',
    policyId: 'consent-only',
    source: { kind: 'folder' },
  });
}

/** What a push has told of on its way. */
export interface Written extends WrittenPush {
  readonly skipped: readonly [path: string, reason: SkipReason][];
}

/** Writes a push that was begun, and has it recorded by the API's own use case. */
export async function writeFrom(
  { services }: MemoryServices,
  plan: PushAnswer,
  source: Source,
): Promise<Written> {
  const skipped: [string, SkipReason][] = [];
  const written = await writePush(services, plan, source, {
    renew: async (body) => renewPush(services, plan, renewPushBody.parse(body)),
    onProgress: () => {},
    onSkipped: (...left) => skipped.push(left),
  });
  return { ...written, skipped };
}

/** The body of a commit, as the CLI sends it. */
export function sealOf({ seal: { size, sha256, versions } }: WrittenPush) {
  return { seal: { size, sha256, versions } };
}

/** A whole push, as the CLI and the API do it together. */
export async function push(world: MemoryServices, vault: Vault, source: Source): Promise<Snapshot> {
  const plan = await beginPush(world.services, OPERATOR, vault.vaultId);
  const written = await writeFrom(world, plan, source);
  return commitPush(world.services, OPERATOR, plan, sealOf(written));
}
