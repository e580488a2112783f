import type { SeededRandom } from './seeded-random.ts';

const ACCOUNTS = ['1002', '1122', '1405', '1601', '2202', '2221', '5001', '6001', '6602', '6711'];
const SUMMARIES = [
  '收到客户货款',
  '支付办公费用',
  '计提固定资产折旧',
  '结转销售成本',
  'Payment received',
  'Office supplies',
  'Monthly depreciation',
  'Payroll',
];

/** A voucher as bookkeeping programs export it: JSON with many lines that look alike. */
export function journalFile(random: SeededRandom, size: number): Buffer {
  const head = {
    voucher: `记-${random.below(100_000)}`,
    period: `2026-${String(1 + random.below(12)).padStart(2, '0')}`,
    preparedBy: `user-${random.below(40)}`,
    client: `C${String(random.below(5000)).padStart(6, '0')}`,
  };
  const lines: string[] = [];
  let length = JSON.stringify(head).length;
  for (let number = 1; length < size; number += 1) {
    const line = JSON.stringify(journalLine(random, number));
    lines.push(line);
    length += Buffer.byteLength(line);
  }
  return Buffer.from(`${JSON.stringify(head).slice(0, -1)},"lines":[\n${lines.join(',\n')}\n]}\n`);
}

function journalLine(random: SeededRandom, number: number) {
  return {
    line: number,
    date: `2026-${String(1 + random.below(12)).padStart(2, '0')}-${String(1 + random.below(28)).padStart(2, '0')}`,
    account: random.pick(ACCOUNTS),
    debit: random.below(2) === 0 ? random.below(10_000_000) / 100 : 0,
    credit: random.below(2) === 0 ? random.below(10_000_000) / 100 : 0,
    currency: 'CNY',
    summary: `${random.pick(SUMMARIES)} ${random.bits().toString(36)}`,
    document: `INV-${random.bits()}`,
  };
}
