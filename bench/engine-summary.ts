import { countOf, type RequestCounts } from './embedded-aws-process.ts';
import { median, rounded } from './goals.ts';

const MIB = 1024 * 1024;

/** Requests that write to S3 and are paid for as such. */
const S3_WRITES =
  /^s3 (?:PutObject|CreateMultipartUpload|UploadPart|CompleteMultipartUpload|PutObjectRetention) /;
const KMS_CALLS = /^kms /;

/** Everything measured on one data set. */
export interface Samples {
  readonly set: { readonly name: string; readonly files: number };
  /** Bytes of its files. */
  readonly bytes: number;
  readonly costs: { tool: string; step: string; cpu: number; wall: number; peakMiB?: number }[];
  readonly requests: { tool: string; step: string; requests: RequestCounts }[];
  readonly sizes: { tool: string; bytes: number }[];
  /** Objects read for a restore of one file, by kind. */
  readonly reads: Readonly<Record<string, number>>[];
  /** Objects with a data key that a first backup writes: packs and manifests. */
  readonly encryptedObjects: number[];
}

/** Medians of one step of one tool. */
export interface StepSummary {
  readonly cpu: number;
  readonly wall: number;
  /** Source bytes for each second of CPU time. */
  readonly mibPerCpuSecond: number;
  readonly s3Writes: number;
  readonly s3Reads: number;
  readonly kmsCalls: number;
  /** Most memory, where the tool says it. */
  readonly peakMiB: number | null;
}

/** What a data set showed. */
export interface SetSummary {
  readonly set: string;
  readonly files: number;
  readonly mib: number;
  readonly runs: number;
  /** By tool, then step. */
  readonly tools: Readonly<Record<string, Readonly<Record<string, StepSummary>>>>;
  readonly storedMiB: Readonly<Record<string, number>>;
  readonly oneFileReads: Readonly<Record<string, number>>;
  readonly encryptedObjects: number;
}

/** @returns medians over all runs. */
export function summarize(samples: Samples): SetSummary {
  const { set, bytes, costs, requests, sizes, reads } = samples;
  const mib = bytes / MIB;
  const tools: Record<string, Record<string, StepSummary>> = {};
  const groups = Map.groupBy(costs, ({ tool, step }) => `${tool} ${step}`);
  for (const [name, group] of groups) {
    const [tool = '', step = ''] = name.split(' ');
    const cpu = median(group.map((cost) => cost.cpu));
    const asked = requests.filter((one) => one.tool === tool && one.step === step);
    const counted = (pattern: RegExp) => median(asked.map((one) => countOf(one.requests, pattern)));
    const peaks = group.flatMap(({ peakMiB }) => (peakMiB === undefined ? [] : [peakMiB]));
    tools[tool] = {
      ...tools[tool],
      [step]: {
        cpu: rounded(cpu),
        wall: rounded(median(group.map((cost) => cost.wall))),
        mibPerCpuSecond: rounded(mib / cpu),
        s3Writes: counted(S3_WRITES),
        s3Reads: counted(/^s3 (?:Get|Head|List)/),
        kmsCalls: counted(KMS_CALLS),
        peakMiB: peaks.length === 0 ? null : rounded(Math.max(...peaks)),
      },
    };
  }
  const stored = Map.groupBy(sizes, ({ tool }) => tool);
  return {
    set: set.name,
    files: set.files,
    mib: rounded(mib),
    runs: samples.encryptedObjects.length,
    tools,
    storedMiB: Object.fromEntries(
      [...stored].map(([tool, all]) => [tool, rounded(median(all.map((one) => one.bytes)) / MIB)]),
    ),
    oneFileReads: reads[0] ?? {},
    encryptedObjects: median(samples.encryptedObjects),
  };
}
