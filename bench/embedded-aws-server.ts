/** The embedded AWS without any stack, in a process of its own, until its standard input ends. */
import { startEmbeddedAws } from '../local/embedded-aws.ts';

const [dataDirectory = ''] = process.argv.slice(2);
const aws = await startEmbeddedAws({ port: 0, dataDirectory, schedules: false });
process.stdout.write(`${JSON.stringify({ endpoint: aws.endpoint })}\n`);
process.stdin.resume();
process.stdin.once('end', () => void aws.stop());
