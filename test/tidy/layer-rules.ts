import type { Import } from './read-imports.ts';

/** Layers of `shared/`, lowest first. Folders that are not named here hold use cases. */
const USE_CASES = 'use cases';

interface LayerRule {
  /** Layers it may import besides itself. */
  readonly imports: readonly string[];
  readonly because: string;
}

const SHARED = [
  'shared/domain',
  'shared/config',
  'shared/admin-api',
  'shared/format',
  'shared/ports',
  USE_CASES,
  'shared/aws',
  'shared/wiring',
];
const below = (layer: string): string[] => SHARED.slice(0, SHARED.indexOf(layer));
const ALL = [...SHARED, 'cli', 'functions', 'infra', 'local', 'scripts', 'bench'];

/** Which layer may import which. Data enters at the top and moves down; an import points down. */
const RULES: Readonly<Record<string, LayerRule>> = {
  'shared/domain': { imports: [], because: 'the domain stays pure' },
  'shared/config': {
    imports: ['shared/domain'],
    because: 'everybody may import it, so it imports next to nothing',
  },
  'shared/admin-api': {
    imports: ['shared/domain'],
    because: 'everybody may import it, so it imports next to nothing',
  },
  'shared/format': {
    imports: below('shared/format'),
    because: 'the format is readable without knowing who uses it',
  },
  'shared/ports': {
    imports: below('shared/ports'),
    because: 'a port knows neither its users nor its implementations',
  },
  [USE_CASES]: { imports: below(USE_CASES), because: 'a use case sees AWS through ports only' },
  'shared/aws': {
    imports: below('shared/aws'),
    because: 'adapters are chosen in shared/wiring and used through ports',
  },
  'shared/wiring': {
    imports: below('shared/wiring'),
    because: 'the service does not know who calls it',
  },
  functions: { imports: SHARED, because: 'a function parses, calls a use case and formats' },
  cli: { imports: SHARED, because: 'the command talks to the service over its API' },
  infra: {
    imports: ['shared/domain', 'shared/config', 'shared/admin-api'],
    because: 'templates and code meet in names and routes only',
  },
  local: { imports: [], because: 'the embedded AWS knows AWS, not Holdfast' },
  scripts: { imports: ALL, because: 'nothing imports a test' },
  bench: { imports: [...ALL, 'test'], because: '' },
  test: { imports: [...ALL, 'test'], because: '' },
};

/** @returns the layer a path belongs to; undefined outside the folders of code. */
export function layerOf(path: string): string | undefined {
  const [top = '', folder = '', ...rest] = path.split('/');
  if (top !== 'shared') return top in RULES ? top : undefined;
  const layer = `shared/${folder}`;
  return layer in RULES ? layer : rest.length > 0 ? USE_CASES : undefined;
}

const AWS_SDK = /^(?:@aws-sdk|@smithy|@aws-crypto)\//;
const ENCRYPTION_SDK = [
  '@aws-crypto/encrypt-node',
  '@aws-crypto/material-management-node',
  '@aws-crypto/serialize',
];

/** Layers that may not touch the SDK: those under `shared/` but one, and what surrounds them. */
function sdkProblem(layer: string, { target, kind }: Import): string | undefined {
  if (!AWS_SDK.test(target)) return undefined;
  const free = ['shared/aws', 'cli', 'local', 'scripts', 'bench', 'test'];
  if (free.includes(layer)) return undefined;
  const isEncryptionSdk = ENCRYPTION_SDK.includes(target);
  if (isEncryptionSdk && layer === 'shared/format') return undefined;
  if (isEncryptionSdk && layer === 'shared/ports' && kind === 'type') return undefined;
  return `${layer} must not import ${target}: only shared/aws knows the AWS SDK`;
}

/** Modules of Node with effects on the world outside the process. */
const EFFECTS =
  /^node:(?:fs|http|https|http2|net|tls|dgram|dns|child_process|worker_threads|timers)\b/;

/** @returns why `path` must not have this import, or undefined when it may. */
export function importProblem(path: string, found: Import): string | undefined {
  const layer = layerOf(path);
  if (layer === undefined || found.kind === 'place') return undefined;
  if (!found.relative) {
    if (layer === 'shared/domain' && EFFECTS.test(found.target)) {
      return `${layer} must not import ${found.target}: the domain stays pure`;
    }
    return sdkProblem(layer, found);
  }
  const rule = RULES[layer];
  const target = layerOf(found.target);
  if (rule === undefined || target === undefined || target === layer) return undefined;
  if (rule.imports.includes(target)) return undefined;
  if (target === 'test') return `${layer} must not import test: nothing does`;
  const named = target === USE_CASES ? found.target.split('/').slice(0, 2).join('/') : target;
  const source = layer === USE_CASES ? path.split('/').slice(0, 2).join('/') : layer;
  return `${source} must not import ${named}: ${rule.because}`;
}
