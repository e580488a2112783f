import { sha256Of } from '../format/signed-statement.ts';

/** An identity whose last part is the name of a person, or one that a person chose. */
const NAMED = /^(arn:[a-z-]+:(?:iam|sts)::\d{12}:)(user|assumed-role|federated-user)\/(.+)$/;

/** Half of a SHA-256: nobody finds a second identity with it, and a line of print holds it. */
const DIGITS = 32;

/**
 * How a certificate names who acted: account, kind of identity and role stay; the name of a user or
 * a session, mostly a person's and often an e-mail address, is replaced by a hash over the whole
 * ARN. That is in the vault's audit chain, so the firm can show who it was, and whoever knows the
 * ARN can compare.
 *
 * @param actor - an ARN, or a function of Holdfast, which stays as it is.
 */
export function pseudonymOf(actor: string): string {
  const [, account, kind, path = ''] = NAMED.exec(actor) ?? [];
  if (account === undefined || kind === undefined) {
    return actor;
  }
  const role = kind === 'assumed-role' ? `${path.split('/')[0]}/` : '';
  const digest = sha256Of(Buffer.from(actor)).slice(0, DIGITS);
  return `${account}${kind}/${role}sha256-${digest}`;
}
