import type { SeededRandom } from './seeded-random.ts';

/** Bytes of one compressed stream inside a file: a page or a scanned image. */
const STREAM_BYTES = 96 * 1024;
/** Of a hundred objects, so many are text: fonts, forms, tables of contents. */
const TEXT_SHARE = 4;

/**
 * A file as PDF writers make them: most of it streams that were deflated already and do not
 * compress again, between them object dictionaries and some plain text.
 */
export function pdfLikeFile(random: SeededRandom, size: number): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  let length = 0;
  for (let number = 1; length < size; number += 1) {
    const isText = random.below(100) < TEXT_SHARE;
    const bytes = Math.min(size - length, 1 + random.below(2 * STREAM_BYTES));
    const stream = isText ? textStream(random, bytes) : random.bytes(bytes);
    const filter = isText ? '' : '/Filter /FlateDecode ';
    const head = `${number} 0 obj\n<< /Type /XObject ${filter}/Length ${bytes} >>\nstream\n`;
    parts.push(Buffer.from(head), stream, Buffer.from('\nendstream\nendobj\n'));
    length += head.length + stream.length;
  }
  parts.push(Buffer.from(`trailer\n<< /Size ${parts.length} /Root 1 0 R >>\n%%EOF\n`));
  return Buffer.concat(parts).subarray(0, size);
}

const WORDS =
  'Receivables Payables Balance Assets Depreciation Invoice Statement Auditor Opinion Client'.split(
    ' ',
  );

function textStream(random: SeededRandom, bytes: number): Buffer {
  const lines: string[] = [];
  for (let length = 0; length < bytes; ) {
    const [x, y] = [random.below(600), random.below(800)];
    const text = `(${random.pick(WORDS)} ${random.bits()})`;
    const line = `BT /F1 ${random.below(14)} Tf ${x} ${y} Td ${text} Tj ET\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join('')).subarray(0, bytes);
}
