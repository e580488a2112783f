import type { LawRule } from '../../domain/erasure-records.ts';
import type { OutOfScope } from '../../format/certificate.ts';
import type { PageWords } from './page-words.ts';

/** The sentences of `OUT_OF_SCOPE`, one for one. */
const OUT_OF_SCOPE_ZH: Readonly<Record<OutOfScope, string>> = {
  source: '来源处的记录，以及机构在其他地方保存的记录，均不受影响。',
  copies: '此前已恢复、导出、移交、下载或打印的内容不在涵盖范围内。',
  ciphertext:
    '销毁密钥并不销毁密文本身。现存密文及其存储锁定情况另行载明；在移除之前，密文不可读地存在。',
  metadata:
    '密文移除之前，其大小、数量、日期与哈希值与之并存；客户名称及操作经过仍留存于机构的台账中。',
  memory:
    '密钥停用时正在运行的程序，其内存中可能留有数据密钥：云函数最长 15 分钟；' +
    '在机构自有机器上进行的推送或恢复则至其结束为止。',
  provider: '密钥材料已不存在，系 AWS KMS 以其事件与应答所作的陈述，AWS 以外的任何人均无法查验。',
  otherVaults: '同一客户的其他保管库使用各自的密钥，不在涵盖范围内。',
};

/** The sentence about the ciphertext in the second certificate. */
const CIPHERTEXT_REMOVED_ZH =
  '所移除的是机构两份副本中为该保管库存储的全部内容。此前从中复制的内容，' +
  '以及存储服务商对已删除对象所保留的内容，不在涵盖范围内。';

/** The provider's sentence about branch keys. */
const PROVIDER_OF_ENTRIES_ZH =
  '分支密钥的终结没有 AWS 事件可证。所能证明的是：其条目已删除，且其后在每个区域读取该表时均不存在。' +
  'AWS 内部对已删除条目保留什么，外界无法查验；封装它的根密钥仍然存在。';

const FORMER_KEYS_ZH =
  '迁移之前，该保管库使用分支密钥：其终结没有 AWS 事件可证，所能证明的仅是其条目已删除且其后不存在。' +
  '当时写入的密文在锁定期满之前可能仍保留，但不可读。';

/** The rules of the law table, one for one. */
const RULES_ZH: Readonly<Record<LawRule, string>> = {
  held: '处于法定保全之下',
  'processor-return': '委托保管的档案，须先返还客户',
  'processor-erase': '委托保管的档案，合同终止后删除',
  'statutory-period': '法定保管期限尚未届满，届满后自动擦除',
  'start-unknown': '法定期限的起算日不明',
  'consent-ended': '同意或合同已终止，无法定保管期限',
  'period-over': '法定保管期限已届满',
  'part-of-file': '请求仅涉及档案的一部分',
  'no-ground': '无删除依据',
};

/** The Chinese page. */
export const CHINESE: PageWords = {
  lang: 'zh-CN',
  titles: {
    'keys-destroyed': '密码擦除证明',
    'ciphertext-removed': '已擦除数据之密文移除证明',
  },
  summary: ({ statement }) =>
    statement === 'keys-destroyed'
      ? '下列保管库的两把加密密钥均已销毁，由其加密的密文在两个区域均无法再解密。' +
        '本措施为使数据永久不可读的技术措施，用以支持数据的删除。'
      : '下列保管库的密钥此前已销毁，其密文现已从两个区域移除。本证明是下列证明的延续。',
  sections: {
    what: '擦除内容',
    how: '擦除方式',
    when: '时间',
    who: '申请人与批准人',
    evidence: '证据与验证',
    law: '法律依据与法定期限',
    remains: '尚存内容',
    outOfScope: '本证明不涵盖的事项',
    register: '销毁清册条目',
    signatures: '签署',
    check: '核验方法',
  },
  labels: {
    certificate: '证明编号',
    issued: '签发时间',
    issuer: '签发系统',
    continues: '延续自',
    client: '客户（编号）',
    vault: '保管库',
    recordClass: '档案类别（保管策略）',
    role: '保管身份',
    opened: '保管库建立',
    key: '已销毁密钥',
    formerKey: '迁移前的密钥（已不存在）',
    objects: '台账所列对象',
    objectList: '对象清单 SHA-256',
    snapshots: '涵盖的备份',
    media: '存储位置',
    technique: '方法',
    tier: '密钥层级',
    message: '加密方式',
    wrapping: '数据密钥的封装算法',
    keys: '密钥来源',
    tool: '工具',
    standards: '标准',
    erasure: '擦除编号',
    requested: '申请',
    initiated: '促成',
    approved: '批准',
    plan: '所批准方案 SHA-256',
    disabled: '密钥停用',
    grace: '宽限期至',
    due: '预定销毁',
    destroyed: '密钥销毁',
    decrypt: '销毁后的解密尝试',
    verified: '擦除完成',
    rule: '判定规则',
    basis: '法律条文',
    clock: '期限起算',
    keptUntil: '法定期限届满',
    statute: '法定保管期限',
    unconfirmed: '未经核实',
    ciphertext: '密文',
    audit: '审计链',
    payload: '签名内容 SHA-256',
    signingKey: '签名密钥 (RFC 7638)',
  },
  copies: { primary: '主副本', secondary: '次副本' },
  roles: {
    controller: '本机构自有档案（处理者）',
    processor: '客户委托保管的档案（受托人）',
  },
  rule: (rule) => RULES_ZH[rule as LawRule] ?? rule,
  restricted: (endedAt) =>
    `批准时法定保管期限尚在进行：其间任何人均不可读取；期限于 ${endedAt} 届满后擦除`,
  counted: (event, startsOn) => `起算事由发生日：${event}；首个计算日：${startsOn}；陈述人`,
  backups: (count, from, to) =>
    from === null ? `${count} 次备份` : `${count} 次备份，${from} 至 ${to}`,
  objects: (count, bytes) => `${count} 个对象，${bytes.toLocaleString('en-US')} 字节`,
  version: (id, version) => `${id}，第 ${version} 版`,
  entries: (count) => `共 ${count} 条，末条哈希值`,
  technique: '密钥级密码擦除：销毁用于封装全部数据密钥的密钥',
  tiers: {
    dedicated: '专用：两个区域各有一把独立密钥',
    'shared-root': '共享根密钥下的分支密钥；证明力较弱',
  },
  acts: {
    closed: '关闭了保管库',
    'handed-over': '确认了移交',
    'policy-assigned': '改用了保管期限较短的策略',
  },
  keys: ({ method }) =>
    method.tier === 'dedicated'
      ? '由 AWS KMS 生成，单区域密钥，不可导出'
      : '分支密钥由 AWS KMS 生成，每个区域一把，仅作为无备份的 DynamoDB 表中的条目保存，' +
        '由该区域的根密钥封装；根密钥由多个保管库共用',
  standards: () => '不声称符合任何标准，亦不声称属于任何介质净化类别。',
  outOfScope: ({ statement, method, destroyed }) => [
    ...Object.values({
      ...OUT_OF_SCOPE_ZH,
      ...(statement === 'ciphertext-removed' && { ciphertext: CIPHERTEXT_REMOVED_ZH }),
      ...(method.tier === 'shared-root' && { provider: PROVIDER_OF_ENTRIES_ZH }),
    }),
    ...(destroyed.formerKeys === undefined ? [] : [FORMER_KEYS_ZH]),
  ],
  event: (id) => `AWS KMS 报告 DeleteKey 事件，编号 ${id}`,
  absence: '未收到事件；AWS KMS 应答该密钥不存在',
  entryDeleted: '条目已删除；其后再次读取，密钥库中已无该条目',
  refused: (answer) => `被拒绝：${answer}`,
  remains: (until) =>
    until === null ? '两份副本中已无密文受存储锁定' : `两份副本中的密文不可读，至少保留至 ${until}`,
  remainsIn: ({ versions, bytes, unlisted }, until) =>
    versions === 0
      ? '无任何存储内容'
      : `${versions} 个对象版本，${bytes.toLocaleString('en-US')} 字节，不可读，` +
        (versions === unlisted
          ? '留存至何时不明：台账中均无记载'
          : (until === null ? '不受存储锁定' : `至少保留至 ${until}`) +
            (unlisted > 0 ? `；其中 ${unlisted} 个台账无记载，留存至何时不明` : '')),
  removed: (at) => `已从两份副本移除，完成于 ${at}`,
  period: (period) => {
    const [, number, unit] = /^P(\d+)([YMD])$/.exec(period) ?? [];
    const units = { Y: '年', M: '个月', D: '天' } as const;
    const readable = number && `${number} ${units[unit as keyof typeof units]}`;
    return period === 'PERMANENT' ? '永久' : (readable ?? period);
  },
  graded: (text, confirmed) => {
    const mark = confirmed === undefined ? '未载明核实等级' : `${confirmed.grade} 级，未经核实`;
    return confirmed?.unconfirmed === false ? text : `${text}（${mark}）`;
  },
  unconfirmedMeans:
    '未见到法律原文（C 级：仅见于他处转述；U 级：属假定），或法律未规定期限的起算日。据以行事之前应先行核实。',
  kept: ({ years, months, days }) =>
    [years > 0 && `${years} 年`, months > 0 && `${months} 个月`, days > 0 && `${days} 天`]
      .filter((part) => part !== false)
      .join(' ') || '0 天',
  sinceOpening: (days) => `${days} 天（自保管库建立之日起）`,
  none: '无',
  noPeriod: '法律未规定保管期限',
  unknown: '不明：无人陈述起算日',
  register: [
    '档案名称',
    '卷号',
    '册数',
    '起止年度',
    '档案编号',
    '应保管期限',
    '已保管期限',
    '销毁时间',
  ],
  signatories: [
    '单位负责人',
    '档案管理机构负责人',
    '会计管理机构负责人',
    '信息系统管理机构负责人',
    '档案管理机构经办人',
    '会计管理机构经办人',
    '信息系统管理机构经办人',
  ],
  signatureLine: '意见、签名、日期',
  signatureNote: '如所用表单要求，由各方手写签署。手写签署不属于电子签名内容。',
  witnesses: ['监销人（档案管理机构）', '监销人（会计管理机构）', '监销人（信息系统管理机构）'],
  witnessing: ['监销人', '销毁前按清册清点核对：签名、日期', '销毁后：签名、日期'],
  people: ['填写项', '执行人', '复核人'],
  personFields: ['姓名', '职务', '单位', '地点', '电话', '签名、日期'],
  check: [
    '本页展示一份经电子签名的文件的内容，以该文件为准：请用签发方公钥核验该文件，并比对下列 SHA-256。',
    '核验命令：holdfast certificate verify FILE --key PUBLIC.pem；或仅用 openssl，' +
      '方法见文档 "Certificates"。两者均无需联网。',
  ],
  staffNote:
    '机构人员以其 AWS 账号、角色及身份哈希值标识；身份本身载于该保管库的审计链。' +
    '本页不含任何客户名称、文件名称或档案内容。',
};
