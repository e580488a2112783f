/**
 * User metadata travels in headers, which are bytes. S3 takes UTF-8 or RFC 2047 encoded words and
 * gives back plain text when it is printable ASCII, else one encoded word ("Working with object
 * metadata").
 */

const ENCODED_WORD = /=\?utf-8\?([bq])\?([^?]*)\?=/gi;

/** Text of a header value as Node gives it: one character per byte. */
export function decodeMetadata(header: string): string {
  const bytes = Buffer.from(header, 'latin1');
  const utf8 = bytes.toString('utf8');
  const text = utf8.includes('\ufffd') ? header : utf8;
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(ENCODED_WORD, (_, encoding: string, content: string) =>
      (encoding.toLowerCase() === 'b'
        ? Buffer.from(content, 'base64')
        : decodeQuoted(content)
      ).toString('utf8'),
    );
}

function decodeQuoted(content: string): Buffer {
  const plain = content
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(plain, 'latin1');
}

/** The header value for stored text. */
export function encodeMetadata(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}
