import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import {
  arnOf,
  listProperty,
  type ResourceCreator,
  type ResourceRequest,
  textProperty,
} from '../resource-creator.ts';

/** Creates a KMS key once; later starts find it by its remembered id and update its policy. */
export const createKmsKey: ResourceCreator = async (request) => {
  const { properties, services, region, stackName, logicalId } = request;
  const policy = JSON.stringify(properties.KeyPolicy ?? {});
  const { kms } = services.clients(region);
  let keyId = services.physicalIds.find(region, stackName, logicalId);
  if (keyId !== undefined && (await isUsable(request, keyId))) {
    const stored = await kms.send(new GetKeyPolicyCommand({ KeyId: keyId }));
    // A policy that is put again is an event in the account, also when nothing has changed.
    if (stored.Policy !== policy) {
      await kms.send(new PutKeyPolicyCommand({ KeyId: keyId, Policy: policy }));
    }
  } else {
    const created = await kms.send(
      new CreateKeyCommand({
        Policy: policy,
        Description: String(properties.Description ?? ''),
        KeySpec: (properties.KeySpec ?? 'SYMMETRIC_DEFAULT') as never,
        KeyUsage: (properties.KeyUsage ?? 'ENCRYPT_DECRYPT') as never,
        Tags: listProperty(properties, 'Tags').map((tag) => {
          const { Key, Value } = tag as Record<string, string>;
          return { TagKey: Key, TagValue: Value };
        }),
      }),
    );
    keyId = created.KeyMetadata?.KeyId ?? '';
    services.physicalIds.save(region, stackName, logicalId, keyId);
  }
  return { ref: keyId, attributes: { Arn: arnOf(request, 'kms', `key/${keyId}`), KeyId: keyId } };
};

/** Creates an alias; one that exists is left where it points. */
export const createKmsAlias: ResourceCreator = async (request) => {
  const aliasName = textProperty(request, 'AliasName');
  try {
    await request.services.clients(request.region).kms.send(
      new CreateAliasCommand({
        AliasName: aliasName,
        TargetKeyId: textProperty(request, 'TargetKeyId'),
      }),
    );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AlreadyExistsException') throw error;
  }
  return { ref: aliasName, attributes: {} };
};

async function isUsable(request: ResourceRequest, keyId: string): Promise<boolean> {
  try {
    await request.services
      .clients(request.region)
      .kms.send(new DescribeKeyCommand({ KeyId: keyId }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return false;
    throw error;
  }
}
