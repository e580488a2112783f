import type { LocalAwsError } from '../gateway/service.ts';
import type { KeyRecord, KeyUsage } from './key-record.ts';
import type { KmsCall } from './kms-call.ts';
import { kmsError } from './kms-error.ts';
import { requiredText } from './read-parameter.ts';

/** ARN of a key or, with `alias/name`, of an alias in the call's Region. */
export function kmsArn(
  call: Pick<KmsCall, 'partition' | 'region' | 'accountId'>,
  resource: string,
) {
  return `arn:${call.partition}:kms:${call.region}:${call.accountId}:${resource}`;
}

/**
 * The key a parameter names: by key id, key ARN, alias name or alias ARN.
 * @throws LocalAwsError `NotFoundException`, also for an ARN of another Region or account.
 */
export function findKey(call: KmsCall, parameter = 'KeyId'): KeyRecord {
  const given = requiredText(call.input, parameter);
  const resource = given.startsWith('arn:') ? localResource(call, given) : given;
  if (resource.startsWith('alias/')) {
    const key = call.store.findByAlias(call.region, resource);
    if (key !== undefined) return key;
    throw kmsError('NotFoundException', `Alias ${kmsArn(call, resource)} is not found.`);
  }
  const keyId = given === resource ? given : resource.replace(/^key\//, '');
  const key = call.store.find(call.region, keyId);
  if (key !== undefined) return key;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(keyId)) {
    throw kmsError('NotFoundException', `Invalid keyId ${given}`);
  }
  throw keyNotFound(kmsArn(call, `key/${keyId}`));
}

function keyNotFound(arn: string): LocalAwsError {
  return kmsError('NotFoundException', `Key '${arn}' does not exist`);
}

/**
 * The key, which must be fit for cryptography of this usage.
 * @throws LocalAwsError `DisabledException`, `KMSInvalidStateException`,
 *   `InvalidKeyUsageException`.
 */
export function findUsableKey(call: KmsCall, usage: KeyUsage, parameter = 'KeyId'): KeyRecord {
  const key = findKey(call, parameter);
  refuseUnusable(key, usage, call.request.headers['x-amz-target']);
  return key;
}

/** The state and usage checks of `findUsableKey`, for a key found another way. */
export function refuseUnusable(key: KeyRecord, usage: KeyUsage, target: unknown): void {
  refusePendingDeletion(key);
  refuseDisabled(key);
  if (key.usage === usage) return;
  const operation = String(target).split('.').at(-1);
  throw kmsError(
    'InvalidKeyUsageException',
    `${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`,
  );
}

/** @throws LocalAwsError `KMSInvalidStateException` "… is pending deletion." */
export function refusePendingDeletion(key: KeyRecord): void {
  if (key.state === 'PendingDeletion') {
    throw kmsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
  }
}

/** @throws LocalAwsError `DisabledException`. */
export function refuseDisabled(key: KeyRecord): void {
  if (key.state === 'Disabled') throw kmsError('DisabledException', `${key.arn} is disabled.`);
}

function localResource(call: KmsCall, arn: string): string {
  const [, partition, service, region, account, ...rest] = arn.split(':');
  if (service !== 'kms' || partition !== call.partition) {
    throw kmsError('NotFoundException', `Invalid arn ${arn}`);
  }
  // AWS answers with the Region alone; a client that fans out over Regions meets this message.
  if (region !== call.region) throw kmsError('NotFoundException', `Invalid arn ${region}`);
  if (account !== call.accountId) throw keyNotFound(arn);
  return rest.join(':');
}
