import { startS3ForTest } from './s3-for-test.ts';

// A process of its own for tests that kill it: serves the directory it is given.
const { endpoint } = await startS3ForTest(process.argv[2]);
console.log(endpoint);
