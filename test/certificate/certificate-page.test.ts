import { describe, expect, test } from 'vitest';
import { PAGE_LANGUAGES } from '../../shared/certificate/page/page-words.ts';
import { renderPage } from '../../shared/certificate/page/render-page.ts';
import { type Certificate, OUT_OF_SCOPE, outOfScopeOf } from '../../shared/format/certificate.ts';
import { sampleCertificate } from './sample-certificate.ts';

const HASH = '12'.repeat(32);

function page(language: 'en' | 'zh', certificate: Certificate = sampleCertificate()): string {
  return renderPage({ certificate, payloadSha256: HASH, keyId: 'thumb-print' }, language);
}

/** Every value of a certificate that is not a word of the program's own. */
function values(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  if (typeof part === 'number') return [String(part)];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(values) : [];
}

/** The cells of the entry for a register. */
function registerOf(html: string): string[] {
  const row = html.split('<table class="grid">')[1]?.split('</table>')[0] ?? '';
  return [...row.matchAll(/<td>(.*?)<\/td>/g)].map(([, value = '']) => value);
}

describe.each(PAGE_LANGUAGES)('the %s page', (language) => {
  test('needs nothing from elsewhere and runs nothing', () => {
    expect(page(language)).not.toMatch(
      /<script|<link|<img|<iframe|src=|href=|url\(|@import|https?:/,
    );
  });

  test('is a whole document for A4 in its own language', () => {
    const html = page(language);
    expect(html).toMatch(/^<!doctype html>\n<html lang="(en|zh-CN)">/);
    expect(html).toContain('@page { size: A4;');
    for (const tag of ['table', 'tr', 'td', 'th', 'ul', 'li', 'h2', 'div', 'dl', 'body']) {
      const count = (pattern: string) => html.match(new RegExp(pattern, 'g'))?.length ?? 0;
      expect([tag, count(`<${tag}[ >]`)]).toEqual([tag, count(`</${tag}>`)]);
    }
  });

  test('bears the hash of the signed bytes and the key that signed them', () => {
    expect(page(language)).toContain(HASH);
    expect(page(language)).toContain('thumb-print');
  });

  test('bears its id, the hash and the page number on every sheet', () => {
    const rule = /@page \{[^@]*(?:@[a-z-]+ \{.*?\}\s*)+\}/s.exec(page(language))?.[0];
    expect(rule).toContain(`content: "${sampleCertificate().certificateId}"`);
    expect(rule).toContain(`content: "SHA-256 ${HASH}"`);
    expect(rule).toContain('counter(page) " / " counter(pages)');
  });

  test('shows ARNs in a fixed-width font, also within a line', () => {
    const { primary } = sampleCertificate().destroyed.keys;
    expect(page(language)).toMatch(new RegExp(`: <span class="mono">${primary}</span>`));
  });

  test('shows every id, ARN, hash, citation and date of the certificate', () => {
    const { outOfScope: _, method: _method, ...rest } = sampleCertificate();
    const html = page(language);
    const shown = values(rest)
      .filter((value) => /^\d{4}-|arn:|^[0-9A-Z]{26}$|^[0-9a-f]{64}$|法 \d+$/.test(value))
      .map((value) =>
        /^\d{4}-.*T/.test(value) ? `(${value.slice(0, 10)} ${value.slice(11, 19)} UTC)` : value,
      );
    expect(shown.length).toBeGreaterThan(25);
    expect(shown.filter((value) => !html.includes(value))).toEqual([]);
  });

  test("shows the day by the policy's clocks: after 16:00 UTC it is the next one in China", () => {
    const { evidence, ...rest } = sampleCertificate();
    const late = (seen: (typeof evidence)['primary']) => ({ ...seen, at: '2026-11-29T17:00:00Z' });
    const both = { primary: late(evidence.primary), secondary: late(evidence.secondary) };
    const html = page(language, { ...rest, evidence: both });
    expect(html).toContain('2026-11-30 01:00:00 Asia/Shanghai (2026-11-29 17:00:00 UTC)');
    expect(registerOf(html).at(-1)).toBe('2026-11-30');
  });

  test('shows a time once where the policy counts in UTC', () => {
    const { subject, ...rest } = sampleCertificate();
    const policy = { ...subject.policy, timeZone: 'UTC' };
    const html = page(language, { ...rest, subject: { ...subject, policy } });
    expect(html).toContain('2026-11-29 10:00:00 UTC');
    expect(html).not.toContain('Asia/Shanghai');
    expect(html).not.toContain('(2026');
  });

  test('speaks of a restriction as of something that is over', () => {
    const { legal, ...rest } = sampleCertificate();
    const restricted = {
      outcome: 'restrict',
      rule: 'statutory-period',
      keptUntil: '2025-12-31T16:00:00.000Z',
    };
    const html = page(language, { ...rest, legal: { ...legal, ...restricted } });
    const words = {
      en: /was running at the approval: .* ended, on 2026-01-01 00:00:00 Asia\/Shanghai/,
      zh: /批准时法定保管期限尚在进行.*期限于 2026-01-01 00:00:00 Asia\/Shanghai .*届满后擦除/,
    };
    expect(html).toMatch(words[language]);
    expect(html).not.toMatch(/still asks|尚未届满/);
  });

  test('says that the day is not known from which the law counts', () => {
    const { legal, ...rest } = sampleCertificate();
    const html = page(language, { ...rest, legal: { ...legal, clock: null } });
    const words = { en: 'not known: nobody stated the day', zh: '不明：无人陈述起算日' };
    expect(html).toContain(words[language]);
    expect(registerOf(html)[3]).toBe('________ – ________');
    expect(registerOf(html)[6]).toMatch(/^27 (days, from the opening|天（自保管库建立)/);
  });

  test('says of a lost event that it was lost', () => {
    const words = { en: 'the event was not received', zh: '未收到事件' };
    expect(page(language)).toContain(words[language]);
  });

  test('says of each copy what stays, until when, and what is not known of it', () => {
    const words = {
      en: [
        'primary: 13 object versions, 40,000,223 bytes, unreadable, at least until 2027-01-04',
        '; of 1 that the ledger does not know, it is unknown',
        'secondary: 12 object versions, 40,000,123 bytes, unreadable, at least until 2026-12-28',
      ],
      zh: [
        '主副本: 13 个对象版本',
        '至少保留至 2027-01-04',
        '；其中 1 个台账无记载，留存至何时不明',
      ],
    };
    for (const text of words[language]) {
      expect(page(language)).toContain(text);
    }
  });

  test('says that nothing is there, that it is locked no longer, or that nobody knows', () => {
    const none = { versions: 0, bytes: 0, unlisted: 0, until: null };
    const lost = { versions: 2, bytes: 9, unlisted: 2, until: null };
    const free = { versions: 2, bytes: 9, unlisted: 0, until: '2026-11-30T00:00:00.000Z' };
    const shown = (primary: typeof none | typeof free, secondary: typeof none) =>
      page(
        language,
        sampleCertificate({
          ciphertext: { state: 'remains-unreadable', until: null, copies: { primary, secondary } },
        }),
      );
    const words = {
      en: ['primary: nothing is stored', 'unknown: the ledger knows none', 'under no storage lock'],
      zh: ['主副本: 无任何存储内容', '台账中均无记载', '不受存储锁定'],
    }[language];
    expect(shown(none, lost)).toContain(words[0]);
    expect(shown(none, lost)).toContain(words[1]);
    expect(shown(free, none)).toContain(words[2]);
  });

  test('of one of the first tells of both copies as before', () => {
    const until = '2027-01-04T00:00:00.000Z';
    const ciphertext = { state: 'remains-unreadable' as const, until };
    const words = { en: 'remains in both copies, unreadable', zh: '两份副本中的密文不可读' };
    expect(page(language, sampleCertificate({ ciphertext }))).toContain(words[language]);
  });

  test('lists every limit', () => {
    const section = page(language).split('<ul>')[1]?.split('</ul>')[0] ?? '';
    expect(section.match(/<li>/g)).toHaveLength(Object.keys(OUT_OF_SCOPE).length);
  });

  test('claims no standard', () => {
    expect(page(language)).not.toMatch(/\bpurge|complies|compliant|certified to|符合.{0,20}要求/i);
    expect(page(language)).toMatch(/No conformity with any standard|不声称符合任何标准/);
  });

  test('shows text that looks like markup as text', () => {
    const certificate = sampleCertificate();
    const legal = { ...certificate.legal, basis: ['<b onclick="x">&'] };
    expect(page(language, { ...certificate, legal })).toContain(
      '&lt;b onclick=&quot;x&quot;&gt;&amp;',
    );
  });
});

test('the entry for a register has the eight columns of the Chinese rules', () => {
  const html = page('zh');
  const table = html.split('<table class="grid">')[1]?.split('</table>')[0] ?? '';
  const cells = [...table.matchAll(/<th scope="col">(.*?)<\/th>/g)].map(([, name]) => name);
  expect(cells).toEqual([
    '档案名称',
    '卷号',
    '册数',
    '起止年度',
    '档案编号',
    '应保管期限',
    '已保管期限',
    '销毁时间',
  ]);
  expect(registerOf(html)).toEqual([
    'consent-only',
    '01KB1T8R9ZJ4Y6V3N5M2X9W0RA',
    '3',
    '________ – 1995-11-30',
    '01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
    '30 年（C 级，未经核实）',
    '30 年 10 个月 28 天',
    '2026-11-29',
  ]);
});

test('has a line for each witness, to be signed before and after', () => {
  const html = page('zh');
  const [head, ...lines] =
    html.split('销毁前按清册清点核对')[1]?.split('</table>')[0]?.split('<tr>') ?? [];
  expect(head).toContain('销毁后');
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    expect(line.match(/<td><\/td>/g)).toHaveLength(2);
  }
});

test('does not call it by the usual Chinese word for a category of sanitization', () => {
  expect(page('zh')).not.toContain('清除');
  expect(page('zh')).toContain('<h1>密码擦除证明</h1>');
});

test('the page of the second certificate names the first, and what is gone', () => {
  const second = sampleCertificate({
    statement: 'ciphertext-removed',
    continues: { certificateId: '01KEZZZZZZ0000000000000001', payloadSha256: '34'.repeat(32) },
    ciphertext: { state: 'removed', removedAt: '2027-01-05T00:00:00.000Z' },
    outOfScope: outOfScopeOf('ciphertext-removed', 'dedicated', false),
  });
  expect(page('en', second)).not.toMatch(/stays, unreadable|date stated/);
  expect(page('zh', second)).not.toMatch(/保留至|密文不可读地存在/);
  const html = page('en', second);
  expect(html).toContain('<h1>Certificate of removal of erased ciphertext</h1>');
  expect(html).toContain('01KEZZZZZZ0000000000000001');
  expect(html).toContain('removed from both copies; complete on 2027-01-05 08:00:00 Asia/Shanghai');
});

test('a certificate of before states no grades, and its page says so', () => {
  const { legal, ...rest } = sampleCertificate();
  const { confirmation: _, ...before } = legal;
  const html = page('en', { ...rest, legal: before });
  expect(html).toContain('30 years (grade not stated)');
  expect(html).toContain('个人信息保护法 47 (grade not stated)');
});
