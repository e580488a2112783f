/** The ledger table's keys and its one index: `infra/` declares them, the ledger asks by them. */
export const LEDGER_TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** What waits for the pipeline, by when it is due. */
  workIndex: { name: 'byWork', partitionKey: 'workQueue', sortKey: 'workDue' },
} as const;
