import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StackError, type Template } from './template.ts';

/** One stack of a synthesized CDK app. */
export interface AssemblyStack {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly template: Template;
  /** Folders of the file assets by their hash, which is the `S3Key` without `.zip`. */
  readonly assets: ReadonlyMap<string, string>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<string, { readonly source: { readonly path?: string; readonly packaging?: string } }>
  >;
}

/**
 * Reads a folder that `cdk synth` wrote.
 * @returns its stacks, each after those it depends on, otherwise in the manifest's order.
 * @throws StackError when the folder holds no cloud assembly, or a stack's account or Region is
 *   not fixed.
 */
export function readAssembly(directory: string): AssemblyStack[] {
  const root = resolve(directory);
  const artifacts = readManifest(root);
  const ordered: string[] = [];
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (artifact === undefined || ordered.includes(id)) return;
    (artifact.dependencies ?? []).forEach(visit);
    ordered.push(id);
  };
  Object.keys(artifacts).forEach(visit);
  return ordered
    .filter((id) => artifacts[id]?.type === 'aws:cloudformation:stack')
    .map((id) => readStack(root, id, artifacts));
}

function readManifest(root: string): Readonly<Record<string, Artifact>> {
  const file = join(root, 'manifest.json');
  if (!existsSync(file)) {
    throw new StackError(`${root} is no synthesized CDK app: it has no manifest.json`);
  }
  const manifest = readJson(file) as { artifacts?: Record<string, Artifact> };
  return manifest.artifacts ?? {};
}

function readStack(
  root: string,
  id: string,
  artifacts: Readonly<Record<string, Artifact>>,
): AssemblyStack {
  const { environment = '', properties = {}, dependencies = [] } = artifacts[id] ?? { type: '' };
  const [, accountId = '', region = ''] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(environment) ?? [];
  if (!/^\d{12}$/.test(accountId) || !/^[a-z]+(-[a-z]+)+-\d$/.test(region)) {
    throw new StackError(
      `stack ${id} has the environment ${environment}: the local stack needs a fixed account and Region`,
    );
  }
  const assets = new Map<string, string>();
  for (const dependency of dependencies) {
    const file = artifacts[dependency]?.properties?.file;
    if (artifacts[dependency]?.type !== 'cdk:asset-manifest' || file === undefined) continue;
    const manifest = readJson(join(root, file)) as AssetManifest;
    for (const [hash, { source }] of Object.entries(manifest.files ?? {})) {
      if (source.path !== undefined && source.packaging === 'zip') {
        assets.set(hash, join(root, source.path));
      }
    }
  }
  return {
    name: properties.stackName ?? id,
    accountId,
    region,
    template: readJson(join(root, properties.templateFile ?? `${id}.template.json`)) as Template,
    assets,
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new StackError(`cannot read ${file}`, { cause });
  }
}
