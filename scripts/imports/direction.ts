import { posix } from 'node:path';
import { layerOf, whyNotBelow } from './layers.ts';
import { isTest } from './source-files.ts';

/** One import: importing file, specifier and imported file. */
export interface Import {
  readonly from: string;
  readonly specifier: string;
  /** Path relative to the root; null for packages and Node's own modules. */
  readonly target: string | null;
}

/**
 * Resolves a specifier to a file. `entryPoints` are the package's own exports, so that its self-reference
 * (`tributary/backend`) counts as the file it stands for.
 */
export const resolveImport = (from: string, specifier: string, entryPoints: ReadonlyMap<string, string>): Import => ({
  from,
  specifier,
  target: /^\.{1,2}(\/|$)/.test(specifier)
    ? posix.join(posix.dirname(from), specifier)
    : (entryPoints.get(specifier) ?? null),
});

/** Folders that speak to the network by themselves. */
const NETWORK = ['src/upstream/', 'src/config/egress/'];

/** Reason for which this import breaks a rule; null for an allowed import. */
export const whyNot = (asked: Import): string | null => {
  if (/^(schema|examples)\//.test(asked.from)) return whyNotFromModule(asked);
  if (asked.from.startsWith('services-mock/')) return whyNotFromMocks(asked);
  return whyNotFromSource(asked);
};

/** True for calls to upstreams, and for the server of HTTP/2. */
const mayUseNetwork = (from: string, specifier: string): boolean =>
  NETWORK.some((folder) => from.startsWith(folder)) ||
  (specifier === 'node:http2' && from.startsWith('src/http/listener/'));

const whyNotFromSource = ({ from, specifier, target }: Import): string | null => {
  if (target === null)
    return /^(undici|node:http2)(\/|$)/.test(specifier) && !mayUseNetwork(from, specifier)
      ? `only ${NETWORK.join(' and ')} import it`
      : null;
  if (target.startsWith('src/')) return whyNotBelow(layerOf(from), layerOf(target));
  // Tests may use the real mock services and shared test helpers.
  if (isTest(from) && /^(test|services-mock)\//.test(target)) return null;
  return target.includes('/') ? 'src stands by itself' : null;
};

const whyNotFromModule = ({ from, specifier, target }: Import): string | null => {
  const [folder = ''] = from.split('/');
  // The stand-in for the backend of an example imports packages only.
  if (/^examples\/[^/]+\/mock\.ts$/.test(from))
    return target === null || target.startsWith(`${posix.dirname(from)}/`)
      ? null
      : 'a mock imports packages and its own folder';
  if (/^graphql(\/|$)/.test(specifier)) return 'a module never needs graphql itself';
  if (specifier === 'tributary/backend') return null;
  if (specifier === 'tributary/testing') return isTest(from) ? null : 'tributary/testing is for tests';
  if (specifier === 'vitest') return isTest(from) ? null : 'vitest is for tests';
  if (target === null) return null;
  if (target.startsWith(from.split('/').slice(0, 2).join('/').concat('/'))) return null;
  // A file next to the modules is shared by them.
  if (posix.dirname(target) === folder) return null;
  return `a module imports tributary/backend, its own folder, and files directly in ${folder}`;
};

const whyNotFromMocks = ({ target }: Import): string | null =>
  target !== null && /^(src|schema)\//.test(target) ? 'services-mock knows nothing of the gateway' : null;
