import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readAwsChunked } from '../../local/s3/read-aws-chunked.ts';

/** The worked example of "Signature calculations: multiple chunks" in the S3 API reference. */
const EXAMPLE = {
  signingKey: ['20130524', 'us-east-1', 's3', 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from('AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
  ),
  credentialScope: '20130524/us-east-1/s3/aws4_request',
  timestamp: '20130524T000000Z',
  seedSignature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
};

const SIGNATURES = [
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
];

function exampleBody(letter = 'a'): Buffer {
  const chunks = [65_536, 1024, 0].map(
    (size, i) =>
      `${size.toString(16)};chunk-signature=${SIGNATURES[i]}\r\n${letter.repeat(size)}\r\n`,
  );
  return Buffer.from(chunks.join(''));
}

async function* inPieces(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) {
    yield body.subarray(at, at + size);
  }
}

async function decode(
  body: Buffer,
  signature: typeof EXAMPLE | undefined,
  piece = 4093,
): Promise<{ data: Buffer; trailer: Map<string, string> }> {
  const trailer = new Map<string, string>();
  const pieces: Buffer[] = [];
  for await (const data of readAwsChunked({ source: inPieces(body, piece), signature, trailer })) {
    pieces.push(data);
  }
  return { data: Buffer.concat(pieces), trailer };
}

describe('aws-chunked bodies', () => {
  test.each([4093, 65_536, 1_000_000])("AWS's own example is accepted, %d at a time", async (n) => {
    const { data } = await decode(exampleBody(), EXAMPLE, n);
    expect(data.equals(Buffer.alloc(66_560, 'a'))).toBe(true);
  });

  test.each(['', 'x'])("AWS's own example with a signed trailer, changed by %j", async (change) => {
    const signatures = [
      'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
      '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
      '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    ];
    const [first, second] = [65_536, 1024].map((size) => 'a'.repeat(size));
    const body = [
      `10000;chunk-signature=${signatures[0]}\r\n${first}\r\n`,
      `400;chunk-signature=${signatures[1]}\r\n${second}\r\n`,
      `0;chunk-signature=${signatures[2]}\r\n`,
      `x-amz-checksum-crc32c:sOO8/Q==${change}\r\n`,
      'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
    ].join('');
    const seedSignature = '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e';
    const decoded = decode(Buffer.from(body), { ...EXAMPLE, seedSignature });
    if (change === '') {
      expect(Object.fromEntries((await decoded).trailer)).toEqual({
        'x-amz-checksum-crc32c': 'sOO8/Q==',
      });
    } else {
      await expect(decoded).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
    }
  });

  test('a changed byte is a signature mismatch', async () => {
    await expect(decode(exampleBody('b'), EXAMPLE)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  test('a chunk without a signature is a mismatch where signatures are promised', async () => {
    const body = Buffer.from('3\r\nabc\r\n0\r\n\r\n');
    await expect(decode(body, EXAMPLE)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });

  test.each([1, 2, 7, 100])('an unsigned trailer is read, %d bytes at a time', async (n) => {
    const body = Buffer.from('3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n');
    const { data, trailer } = await decode(body, undefined, n);
    expect(data.toString()).toBe('abcde');
    expect(Object.fromEntries(trailer)).toEqual({ 'x-amz-checksum-crc32': 'AAAA' });
  });

  test.each(['3\r\nab', '3\r\nabc\r\n', '3\r\nabc\r\n5'])('%j ends too early', async (text) => {
    await expect(decode(Buffer.from(text), undefined)).rejects.toMatchObject({
      code: 'IncompleteBody',
    });
  });

  test.each(['hello\r\n', '3\r\nabcd\r\n0\r\n\r\n', '-1\r\n\r\n'])(
    '%j is refused',
    async (text) => {
      await expect(decode(Buffer.from(text), undefined)).rejects.toMatchObject({
        code: 'InvalidRequest',
      });
    },
  );
});
