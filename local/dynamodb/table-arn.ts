/** What the engines put before `table/` in an ARN: they know neither account nor Region. */
const ENGINE_ARN = /arn:aws:dynamodb:(?:dynoxide|ddblocal):0{12}:/g;

/** Calls whose answers hold ARNs of tables, indexes or streams, and no items. */
const TABLE_CALLS: ReadonlySet<string> = new Set([
  'CreateTable',
  'DeleteTable',
  'DescribeTable',
  'UpdateTable',
  'ListStreams',
  'DescribeStream',
]);

/** Calls that name a stream by its ARN. */
const STREAM_CALLS: ReadonlySet<string> = new Set(['DescribeStream', 'GetShardIterator']);

/** The start of the ARNs a caller expects, up to and with the last colon. */
export function arnPrefix(partition: string, region: string, accountId: string): string {
  return `arn:${partition}:dynamodb:${region}:${accountId}:`;
}

/** Puts the caller's Region and account into an answer's ARNs. Answers with items are untouched. */
export function localiseArns(operation: string, body: Buffer, prefix: string): Buffer {
  if (!TABLE_CALLS.has(operation)) return body;
  return Buffer.from(body.toString('utf8').replace(ENGINE_ARN, prefix), 'utf8');
}

/** Turns the stream ARN of a request back into the one the engine gave out. */
export function delocaliseArns(
  operation: string,
  body: Buffer,
  prefix: string,
  engineName: string,
): Buffer {
  if (!STREAM_CALLS.has(operation)) return body;
  const region = engineName === 'Dynoxide' ? 'dynoxide' : 'ddblocal';
  const enginePrefix = `arn:aws:dynamodb:${region}:000000000000:`;
  return Buffer.from(body.toString('utf8').replaceAll(prefix, enginePrefix), 'utf8');
}
