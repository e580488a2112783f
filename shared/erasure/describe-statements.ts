import type { ErasureStatements } from '../domain/erasure-records.ts';

/** @returns what a requester states, in words: what it does not mention is stated to be not so. */
export function describeStatements(statements: ErasureStatements): string {
  const { event, contractEnded, returned, concerns } = statements;
  return [
    event === null
      ? 'nobody said what starts the period'
      : `the latest day that starts the period is ${event}`,
    contractEnded ? 'the contract is over' : 'the contract goes on',
    returned ? 'the client has got its records back' : 'the records are not given back',
    concerns === 'vault' ? 'about the whole vault' : 'about a part of the vault',
  ].join('; ');
}
