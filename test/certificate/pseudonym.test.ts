import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { pseudonymOf } from '../../shared/certificate/pseudonym.ts';

const hash = (arn: string) => createHash('sha256').update(arn).digest('hex').slice(0, 32);

describe('a person in a certificate', () => {
  test.each([
    ['arn:aws:iam::111122223333:user/jane.doe@example.com', 'arn:aws:iam::111122223333:user/'],
    ['arn:aws-cn:iam::111122223333:user/北京/jane', 'arn:aws-cn:iam::111122223333:user/'],
    [
      'arn:aws:sts::111122223333:assumed-role/Supervisor/jane.doe@example.com',
      'arn:aws:sts::111122223333:assumed-role/Supervisor/',
    ],
    ['arn:aws:sts::111122223333:federated-user/jane', 'arn:aws:sts::111122223333:federated-user/'],
  ])('%s keeps account and role, and no name', (arn, kept) => {
    expect(pseudonymOf(arn)).toBe(`${kept}sha256-${hash(arn)}`);
  });

  test.each(['arn:aws:iam::111122223333:root', 'holdfast:end-retention'])(
    'stays as it is where it is none: %s',
    (actor) => {
      expect(pseudonymOf(actor)).toBe(actor);
    },
  );
});
