import type { Signature } from './erasure-records.ts';

/** Functions act under names of their own: none of them is a person. */
const FUNCTION = /^holdfast:/;

/** Who brought an erasure about: who asked for it, and whose acts led to it. */
export interface BroughtAbout {
  /** An ARN, or a function of Holdfast. */
  readonly requestedBy: string;
  readonly initiatedBy: readonly Pick<Signature, 'by'>[];
}

/**
 * Whether somebody is a second person to an erasure: not the one who asked for it, and not the only
 * one who brought it about. So at least two people stand behind every erasure, and a firm of two
 * can still carry it out: who closed a vault may approve what another person confirmed.
 */
export function isSecondPerson(actor: string, { requestedBy, initiatedBy }: BroughtAbout): boolean {
  const people = [requestedBy, ...initiatedBy.map(({ by }) => by)].filter(
    (each) => !FUNCTION.test(each),
  );
  return actor !== requestedBy && (people.length === 0 || people.some((each) => each !== actor));
}
