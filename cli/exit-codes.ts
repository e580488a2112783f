import type { FaultKind } from '../shared/domain/errors.ts';

/** What `holdfast` ends with. Scripts may rely on these numbers. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  absent: 3,
  conflict: 4,
  refused: 5,
  damaged: 6,
  unavailable: 7,
  incomplete: 8,
  interrupted: 130,
} as const;

/** One of the numbers of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, for `docs/cli.md` and the help. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'It did what it was asked.',
  unexpected: 'Something went wrong that Holdfast does not know.',
  usage: 'The command, an option, a setting or an input is not valid.',
  absent: 'What was named does not exist.',
  conflict: 'It exists already, or something else is under way.',
  refused: 'A rule or a permission forbids it.',
  damaged: 'Stored data failed verification.',
  unavailable: 'A service did not answer, or it took too long. Trying again may help.',
  incomplete: 'It was done, but something was left out; what and why was told.',
  interrupted: 'It was stopped with Ctrl-C, and nothing of it counts.',
};

/** @returns the exit code of a fault; invalid input counts as wrong usage. */
export function exitCodeOf(kind: FaultKind): ExitCode {
  return kind === 'invalid' ? EXIT.usage : EXIT[kind];
}
