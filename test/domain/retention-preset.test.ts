import { describe, expect, test } from 'vitest';
import {
  cite,
  explainPreset,
  findPreset,
  GRADES,
  RETENTION_PRESETS,
} from '../../shared/domain/retention-preset.ts';

/**
 * Id, period, start, end and grade of every rule, to be changed only together with the source that
 * says so. `*` marks a start that no law names.
 */
const PINNED = `
cn-acct-voucher-30y          P30Y      FISCAL_YEAR_END_PLUS_1D    APPRAISE_THEN_ERASE C
cn-acct-ledger-30y           P30Y      FISCAL_YEAR_END_PLUS_1D    APPRAISE_THEN_ERASE C
cn-acct-fixed-asset-5y       P5Y       ASSET_DISPOSED             APPRAISE_THEN_ERASE C
cn-acct-interim-report-10y   P10Y      FISCAL_YEAR_END_PLUS_1D    APPRAISE_THEN_ERASE C
cn-acct-annual-report-perm   PERMANENT NONE                       NEVER               C
cn-acct-bank-10y             P10Y      FISCAL_YEAR_END_PLUS_1D    APPRAISE_THEN_ERASE C
cn-acct-tax-return-10y       P10Y      FISCAL_YEAR_END_PLUS_1D    APPRAISE_THEN_ERASE C
cn-acct-transfer-list-30y    P30Y      FISCAL_YEAR_END_PLUS_1D    APPRAISE_THEN_ERASE C
cn-acct-register-perm        PERMANENT NONE                       NEVER               C
cn-tax-document-10y          P10Y      TAX_YEAR_END_PLUS_1D*      ERASE               A
cn-tax-engagement-10y        P10Y      ENGAGEMENT_FILE_FORMED*    ERASE               B
cn-pi-consent                P0D       PURPOSE_ENDED|SERVICE_ENDED|CONSENT_WITHDRAWN ERASE A
cn-pia-3y                    P3Y       REPORT_DATE*               ERASE               A
cn-share-record-3y           P3Y       SHARING_ENDED*             ERASE               A
cn-network-log-6m            P6M       LOG_WRITTEN                ERASE               A
cn-labour-contract-2y        P2Y       CONTRACT_ENDED             ERASE               A
cn-payroll-register-3y       P3Y       PAY_PERIOD_ENDED*          ERASE               A
cn-contract-file-3y          P3Y       CONTRACT_ENDED*            ERASE               A
cn-aml-identity-10y          P10Y      RELATIONSHIP_ENDED         ERASE               A
cn-aml-transaction-10y       P10Y      TRANSACTION_ENDED          ERASE               A
cn-ecom-transaction-3y       P3Y       TRANSACTION_COMPLETED      ERASE               A
sys-audit-log-10y            P10Y      ENTRY_WRITTEN*             ERASE               design
sys-erasure-certificate-perm PERMANENT NONE                       NEVER               design
eu-gdpr-purpose              P0D       PURPOSE_ENDED              ERASE               B
us-hipaa-doc-6y              P6Y       CREATED_OR_LAST_IN_EFFECT  ERASE               U
us-sec-17a4-6y               P6Y       RECORD_CREATED*            ERASE               B
us-sec-17a4-3y               P3Y       RECORD_CREATED*            ERASE               C
us-irs-3y                    P3Y       RETURN_FILED               ERASE               C
us-irs-7y                    P7Y       RETURN_FILED*              ERASE               C
us-irs-4y                    P4Y       TAX_DUE_OR_PAID_LATER      ERASE               C
`;

/** The articles each rule stands on, each with its grade, to be changed in the same way. */
const PINNED_LAWS = `
cn-acct-voucher-30y        会计法 23 (A); 会计档案管理办法 14 (B); 会计档案管理办法 附表 (C)
cn-acct-ledger-30y         会计法 23 (A); 会计档案管理办法 14 (B); 会计档案管理办法 附表 (C)
cn-acct-fixed-asset-5y     会计档案管理办法 附表 (C)
cn-acct-interim-report-10y 会计档案管理办法 14 (B); 会计档案管理办法 附表 (C)
cn-acct-annual-report-perm 会计档案管理办法 附表 (C)
cn-acct-bank-10y           会计档案管理办法 14 (B); 会计档案管理办法 附表 (C)
cn-acct-tax-return-10y     会计档案管理办法 14 (B); 会计档案管理办法 附表 (C)
cn-acct-transfer-list-30y  会计档案管理办法 14 (B); 会计档案管理办法 附表 (C)
cn-acct-register-perm      会计档案管理办法 附表 (C)
cn-tax-document-10y        税收征收管理法 24 (A); 税收征收管理法实施细则 29 (A); 发票管理办法 28 (A)
cn-tax-engagement-10y      涉税专业服务基本准则(试行) 25, 26 (B)
cn-pi-consent              个人信息保护法 15, 19, 47 (A)
cn-pia-3y                  个人信息保护法 55, 56 (A)
cn-share-record-3y         网络数据安全管理条例 12 (A)
cn-network-log-6m          网络安全法(2016) 21(3) (A)
cn-labour-contract-2y      劳动合同法 50 (A)
cn-payroll-register-3y     工资支付暂行规定 6 (A); 保障农民工工资支付条例 15 (A)
cn-contract-file-3y        民法典 188 (A)
cn-aml-identity-10y        反洗钱法(2024) 34, 42, 64 (A)
cn-aml-transaction-10y     反洗钱法(2024) 34, 42, 64 (A)
cn-ecom-transaction-3y     电子商务法 31 (A)
eu-gdpr-purpose            GDPR 5(1)(e) (B); GDPR 17 (C)
us-hipaa-doc-6y            45 CFR 164.316(b)(2)(i) (B); 45 CFR 164.530(j) (U)
us-sec-17a4-6y             17 CFR 240.17a-4(a) (B); 17 CFR 240.17a-4(f) (B)
us-sec-17a4-3y             17 CFR 240.17a-4(b) (C); 17 CFR 240.17a-4(f) (B)
us-irs-3y                  IRS guidance (C)
us-irs-7y                  IRS guidance (C)
us-irs-4y                  IRS guidance (C)
`;

/** Articles that say nothing of how long something is kept: this one, who may ask for erasure. */
const WITHOUT_PERIOD = ['GDPR 17'];

describe('the presets', () => {
  test('say what the law was found to say', () => {
    const rows = RETENTION_PRESETS.map(({ id, period, start, startIsDesign, atEnd, grade }) =>
      [id, period, start.join('|') + (startIsDesign ? '*' : ''), atEnd, grade].join(' '),
    );
    const pinned = PINNED.trim().split('\n');
    expect(rows).toEqual(pinned.map((row) => row.replace(/ +/g, ' ')));
  });

  test('stand on the articles that were found', () => {
    const rows = RETENTION_PRESETS.filter(({ basis }) => basis.length > 0).map(
      ({ id, basis }) => `${id} ${basis.map((law) => `${cite(law)} (${law.grade})`).join('; ')}`,
    );
    const pinned = PINNED_LAWS.trim().split('\n');
    expect(rows).toEqual(pinned.map((row) => row.replace(/ +/, ' ')));
  });

  test.each(RETENTION_PRESETS)('$id is named once, in English and in Chinese', (preset) => {
    expect(RETENTION_PRESETS.filter(({ id }) => id === preset.id)).toHaveLength(1);
    expect(preset.title.en).toMatch(/^[\x20-\x7e]+$/);
    expect(preset.title.zh).toMatch(/\p{Script=Han}/u);
  });

  test.each(RETENTION_PRESETS)('$id has an id that agrees with its period', ({ id, period }) => {
    const named = /-(?:(\d+)([ym])|(perm))$/.exec(id);
    const [, number, unit, forEver] = named ?? [];
    if (forEver !== undefined) expect(period).toBe('PERMANENT');
    else if (number !== undefined) expect(period).toBe(`P${number}${unit?.toUpperCase()}`);
    else expect(period).toBe('P0D');
  });

  test.each(RETENTION_PRESETS)('$id stands on a law, unless it is our own choice', (preset) => {
    expect(preset.basis.length > 0).toBe(preset.grade !== 'design');
  });

  test.each(RETENTION_PRESETS)(
    '$id is no better confirmed than any law its period stands on',
    (preset) => {
      const laws = preset.basis.filter((law) => !WITHOUT_PERIOD.includes(cite(law)));
      for (const { grade } of laws) {
        expect(GRADES.indexOf(preset.grade)).toBeGreaterThanOrEqual(GRADES.indexOf(grade));
      }
    },
  );

  test('that bind only some trades are opt-in', () => {
    const groups = ['cn-aml', 'cn-ecommerce', 'eu', 'us'];
    for (const { id, group, optIn } of RETENTION_PRESETS) {
      expect(optIn, id).toBe(groups.includes(group));
    }
  });

  test('that bind the client alone say so, and no others', () => {
    for (const { id, binds, warnings } of RETENTION_PRESETS) {
      const isClients = ['the client company', 'the taxpayer'].includes(binds);
      expect(warnings.includes('CLIENT_IS_BOUND'), id).toBe(isClients);
    }
  });

  test('that keep for ever warn of keeping electronically only', () => {
    const permanent = RETENTION_PRESETS.filter(
      ({ period, group }) => period === 'PERMANENT' && group === 'cn-accounting',
    );
    expect(permanent).toHaveLength(2);
    for (const { warnings } of permanent) {
      expect(warnings).toContain('ELECTRONIC_ONLY_NOT_ALLOWED');
    }
  });
});

describe('a preset in words', () => {
  test.each(RETENTION_PRESETS)(
    '$id says what its grade means and what is unconfirmed',
    (preset) => {
      const rule = explainPreset(preset);
      expect(rule.gradeMeans).not.toBe('');
      expect(rule.says).not.toContain('undefined');
      expect(rule.warningsMean).toHaveLength(preset.warnings.length);
      const unconfirmed = ['C', 'U', 'design'].includes(preset.grade) || preset.startIsDesign;
      expect(rule.doubts.length > 0).toBe(unconfirmed);
    },
  );

  test('names period and start in a sentence', () => {
    const says = (id: string) =>
      RETENTION_PRESETS.filter((each) => each.id === id).map(explainPreset);
    expect(says('cn-acct-voucher-30y')[0]?.says).toBe(
      "30 years, from the first day after the end of the fiscal year of the record's date",
    );
    expect(says('cn-acct-annual-report-perm')[0]?.says).toBe(
      'permanent, no clock: it is kept for ever',
    );
    expect(says('cn-pi-consent')[0]?.says).toMatch(/^no time, from .* or .* or .*, whichever/);
  });

  test('cites a law with its article, or alone', () => {
    expect(cite({ law: '会计法', article: '23' })).toBe('会计法 23');
    expect(cite({ law: 'IRS guidance', article: '' })).toBe('IRS guidance');
  });

  test('is found by its id only', () => {
    expect(findPreset('cn-pia-3y')?.period).toBe('P3Y');
    expect(findPreset('toString')).toBeUndefined();
  });
});
