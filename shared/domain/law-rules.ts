import type { LawRule } from './erasure-records.ts';

/** What each row of the law table says, in words for people. */
export const LAW_RULES: Readonly<Record<LawRule, string>> = {
  held: 'A legal hold is in force: nothing of it may be destroyed.',
  'processor-return':
    "The records are the client's: they must be returned before our copies are erased.",
  'processor-erase':
    "The records are the client's and the contract is over: our copies must be erased.",
  'statutory-period':
    'The law still asks us to keep it: readable for nobody until the period is over, then erased.',
  'start-unknown':
    'The law asks us to keep it, and nobody said from which day on its period counts.',
  'consent-ended': 'Consent or contract was the only ground to keep it, and it has ended.',
  'period-over': 'The period for which the law asked to keep it is over.',
  'part-of-file':
    'A vault is erased as a whole. What is to be erased alone needs a vault of its own.',
  'no-ground':
    'No rule asks to erase it: nobody has stated that the contract or the consent has ended.',
};
