import { createHash } from 'node:crypto';

/** A made-up file: its path below the client's prefix and its bytes. */
export interface DemoFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** A made-up client. Neither its name nor any of its files' names may ever leave the ledger. */
export interface DemoClient {
  readonly name: string;
  readonly reference: string;
  readonly prefix: string;
  readonly recordClass: string;
  readonly policyId: string;
}

export const DEMO_CLIENTS: readonly [DemoClient, DemoClient] = [
  {
    name: '上海晨光贸易有限公司',
    reference: 'A-1001',
    prefix: 'intake/7f3a/',
    recordClass: 'engagement-file',
    policyId: 'engagement-10y',
  },
  {
    name: 'Brightwater Joinery Limited',
    reference: 'A-1002',
    prefix: 'intake/91c4/',
    recordClass: 'engagement-file',
    policyId: 'engagement-10y',
  },
];

/** Names of people and papers that file names and contents are made of. */
export const PEOPLE = [
  '王秀英',
  '李国强',
  '陈美玲',
  'Harriet Oakley',
  'Tobias Penhallow',
  '赵子轩',
];
export const PAPERS = [
  '记账凭证',
  '银行对账单',
  '增值税发票',
  'Engagement letter',
  'Payroll ledger',
];

/** Scanned papers are large and hardly compress; vouchers are small and do. */
const SCAN_BYTES = 320 * 1024;
/** About 6 KB of voucher lines. */
const VOUCHER_LINES = 120;
/** Every tenth file is a scan: about 50 MB for 1,400 files. */
const SCAN_EVERY = 10;

/** Makes one client's files, the same for the same seed. */
export function generateRecords(seed: string, count: number): DemoFile[] {
  return Array.from({ length: count }, (_, index) => generateFile(seed, index));
}

/** Makes file number `index`; `edition` changes its content but not its path. */
export function generateFile(seed: string, index: number, edition = 1): DemoFile {
  const noise = createHash('sha256').update(`${seed}/${index}/${edition}`).digest();
  const person = PEOPLE[index % PEOPLE.length];
  const paper = PAPERS[(index + (noise[0] ?? 0)) % PAPERS.length];
  const year = 2020 + (index % 6);
  const number = String(index).padStart(5, '0');
  const isScan = index % SCAN_EVERY === 0;
  const path = `${year}/${paper}/${person} ${number}.${isScan ? 'pdf' : 'json'}`;
  const heading = `${paper} ${number} · ${person} · ${year} · edition ${edition}\n`;
  return { path, bytes: isScan ? scan(heading, noise) : voucher(heading, noise) };
}

function scan(heading: string, noise: Buffer): Buffer {
  const blocks: Buffer[] = [Buffer.from(`%PDF-1.7\n${heading}`)];
  let block = noise;
  for (let size = 0; size < SCAN_BYTES; size += block.length) {
    block = createHash('sha512').update(block).digest();
    blocks.push(block);
  }
  return Buffer.concat(blocks);
}

function voucher(heading: string, noise: Buffer): Buffer {
  const lines: string[] = [heading];
  for (let line = 0; line < VOUCHER_LINES; line += 1) {
    const amount = (noise.readUInt32BE(line % 28) % 10_000_000) / 100;
    lines.push(`{"line":${line},"account":"1002.${line % 40}","amount":${amount.toFixed(2)}}\n`);
  }
  return Buffer.from(lines.join(''));
}
