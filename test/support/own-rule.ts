import type { RetentionPreset } from '../../shared/domain/retention-preset.ts';

/** A rule that a firm wrote into its policy, after its lawyer had read the law. */
export const OWN_RULE: RetentionPreset = {
  id: 'own-trust-files-8y',
  group: 'own',
  title: { en: 'Files of trusts', zh: '信托档案' },
  binds: 'the firm',
  optIn: false,
  period: 'P8Y',
  start: ['CONTRACT_ENDED'],
  startIsDesign: false,
  atEnd: 'ERASE',
  basis: [{ law: '信托法', lawEn: 'Trust Law', article: '33', grade: 'A' }],
  grade: 'A',
  warnings: [],
};
