import { randomBytes } from 'node:crypto';
import type { Credentials } from './credentials.ts';
import type { Identity } from './service.ts';

/** The people of the embedded AWS. Two, because what one requests another must approve. */
const FIXED_USERS = ['operator', 'supervisor'] as const;

type Entry = NonNullable<ReturnType<Credentials['find']>>;

/**
 * The access keys of the embedded AWS: the users `operator` and `supervisor`, the account root
 * under the key id `embedded`, and the sessions of roles issued while it runs. The secret of a
 * fixed key is its id followed by `-secret`; they guard nothing but a loopback port, so they are
 * the same everywhere and printed in the documentation.
 */
export function createIdentities(options: { accountId: string; partition: string }): Credentials {
  const { accountId, partition } = options;
  const entries = new Map<string, Entry>();

  const fixed = (accessKeyId: string, resource: string): void => {
    const arn = `arn:${partition}:iam::${accountId}:${resource}`;
    const identity: Identity = { accountId, accessKeyId, arn };
    entries.set(accessKeyId, { secretAccessKey: `${accessKeyId}-secret`, identity });
  };
  for (const user of FIXED_USERS) fixed(user, `user/${user}`);
  fixed('embedded', 'root');

  return {
    find: (accessKeyId) => entries.get(accessKeyId),
    issueForRole(roleArn, sessionName) {
      // A role's path is not part of its session's ARN.
      const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
      const accessKeyId = `ASIA${base32(16)}`;
      const secretAccessKey = randomBytes(30).toString('base64');
      const sessionToken = randomBytes(48).toString('base64');
      const arn = `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/${sessionName}`;
      const identity: Identity = { accountId, accessKeyId, arn };
      entries.set(accessKeyId, { secretAccessKey, sessionToken, identity });
      return { accessKeyId, secretAccessKey, sessionToken };
    },
  };
}

function base32(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(randomBytes(length), (byte) => alphabet[byte % 32]).join('');
}
