import { quoted } from '../../../codegen/layout.ts';
import { propertyName } from '../../write/property-name.ts';
import type { ImportedLoader } from '../imported-module.ts';
import { accessed, pageResponse } from './page-response.ts';
import type { Validators } from './validators.ts';

const PARALLEL_CALLS = 8;
const KEYS_OF_A_CALL = 100;
/** If the contract has no limit of a page. */
const KEYS_OF_A_PAGE = 20;

const eachText = ({ path, parameter, response }: ImportedLoader, validators: Validators): string =>
  [
    'each(',
    '    (key: string) =>',
    `      api.get(${quoted(path)}, { path: { ${propertyName(parameter)}: key }, response: ${validators.row(response)} }),`,
    `    { concurrency: ${PARALLEL_CALLS} },`,
    '  )',
  ].join('\n');

const batchText = (loader: ImportedLoader, validators: Validators): string => {
  const { path, parameter, style, response, key, pages } = loader;
  const limit = pages === null || pages.limit === null ? '' : `, ${propertyName(pages.limit)}: keys.length`;
  const query = `{ ${propertyName(parameter)}: ${style === 'comma' ? "keys.join(',')" : 'keys'}${limit} }`;
  const validator = pages === null ? validators.row(response) : pageResponse(pages, validators);
  const call = `await api.get(${quoted(path)}, { query: ${query}, response: ${validator} })`;
  const rows = pages === null || pages.rows.length === 0 ? call : `${accessed(`(${call})`, pages.rows)} ?? []`;
  const keysOfACall = Math.min(
    KEYS_OF_A_CALL,
    pages?.maxSize ?? (pages === null ? KEYS_OF_A_CALL : (pages.size ?? KEYS_OF_A_PAGE)),
  );
  return [
    'batch(',
    '    async (keys: readonly string[]) =>',
    '      byKey(',
    `        ${rows},`,
    `        (row) => String(row.${key ?? 'id'}),`,
    '      ),',
    `    { maxSize: ${keysOfACall} },`,
    '  )',
  ].join('\n');
};

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
