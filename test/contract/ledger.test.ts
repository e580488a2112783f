import { MemoryLedger } from '../support/memory-ledger.ts';
import { describeLedgerContract } from './ledger.contract.ts';

describeLedgerContract('memory', async () => new MemoryLedger());
