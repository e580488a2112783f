import { MemorySigning } from '../support/memory-signing.ts';
import { describeSigningContract } from './signing.contract.ts';

describeSigningContract('memory', async () => new MemorySigning());
