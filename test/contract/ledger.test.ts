import { MemoryLedger } from '../support/memory-ledger.ts';
import { describeLedgerContract } from './ledger.contract.ts';
import { describeShardsInLedger } from './ledger-shards.contract.ts';

describeLedgerContract('memory', async () => new MemoryLedger());
describeShardsInLedger('memory', async () => new MemoryLedger());
