import type { Identity } from './service.ts';

/** Access keys the embedded AWS accepts. Everything else is `InvalidAccessKeyId`. */
export interface Credentials {
  /** `sessionToken` is there for a role's session, whose requests must carry it. */
  find(
    accessKeyId: string,
  ): { secretAccessKey: string; identity: Identity; sessionToken?: string } | undefined;
  /** Makes keys for a role's session; they live as long as the process. */
  issueForRole(
    roleArn: string,
    sessionName: string,
  ): { accessKeyId: string; secretAccessKey: string; sessionToken: string };
}
