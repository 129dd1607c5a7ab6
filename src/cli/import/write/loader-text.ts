import { quoted } from '../../codegen/layout.ts';
import type { ImportedLoader } from '../imported-module.ts';
import { propertyName, type Validators } from './validators.ts';

const PARALLEL_CALLS = 8;
const KEYS_OF_A_CALL = 100;

const eachText = ({ path, parameter, response }: ImportedLoader, validators: Validators): string =>
  [
    'each(',
    '    (key: string) =>',
    `      api.get(${quoted(path)}, { path: { ${propertyName(parameter)}: key }, response: ${validators.row(response)} }),`,
    `    { concurrency: ${PARALLEL_CALLS} },`,
    '  )',
  ].join('\n');

const batchText = ({ path, parameter, style, response, key }: ImportedLoader, validators: Validators): string =>
  [
    'batch(',
    '    async (keys: readonly string[]) =>',
    `      byKey(`,
    `        await api.get(${quoted(path)}, { query: { ${propertyName(parameter)}: ${style === 'comma' ? "keys.join(',')" : 'keys'} }, response: ${validators.row(response)} }),`,
    `        ({ ${key ?? 'id'} }) => String(${key ?? 'id'}),`,
    '      ),',
    `    { maxSize: ${KEYS_OF_A_CALL} },`,
    '  )',
  ].join('\n');

/** The declaration of the loaders of a module. */
export const loadersText = (loaders: readonly ImportedLoader[], validators: Validators): string => {
  const members = loaders.map(
    (loader) =>
      `  ${loader.name}: ${loader.kind === 'each' ? eachText(loader, validators) : batchText(loader, validators)},`,
  );
  if (members.length === 0) return 'export const loaders = () => ({});';
  return `export const loaders = ({ api }: Clients<Shape, Upstreams>) => ({\n${members.join('\n')}\n});`;
};

/** The declaration of the merges: each type with a loader by a field of its rows. */
export const mergeText = (loaders: readonly ImportedLoader[]): string => {
  const members = loaders.flatMap(({ type, key, name }) =>
    key === null ? [] : `  ${type}: { key: '${key}', load: '${name}' },`,
  );
  return members.length === 0
    ? 'export const merge = {} as const;'
    : `export const merge = {\n${members.join('\n')}\n} as const;`;
};
