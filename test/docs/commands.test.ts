import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { ROOT } from '../support/processes/processes.ts';

const without = { cwd: ROOT, exclude: ['**/node_modules', 'CHANGELOG.md', 'docs/adr'] };
const PAGES = globSync(['*.md', '{docs,schema,services-mock,test,bench}/**/*.md'], without);
const SOURCES = globSync(
  ['*.{ts,yml,json}', '.env.example', 'Dockerfile', '{src,schema,services-mock,scripts,test,bench}/**/*.{ts,js}'],
  without,
);

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Commands and names of a page: blocks for a shell, and code within the text. */
const codeOf = (page: string): readonly string[] => {
  const text = read(page);
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)];
  const inline = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)];
  return [...blocks, ...inline].map(([, code = '']) => code);
};

/** Everything in the code of a page that matches the pattern's first group. */
const named = (page: string, pattern: RegExp): readonly string[] =>
  codeOf(page).flatMap((code) => [...code.matchAll(pattern)].map(([, name = '']) => name));

test.each(PAGES)('every npm script of %s exists', (page) => {
  const scripts = named(page, /\bnpm run (?:-s )?([\w:-]+)/g);
  expect(scripts.filter((name) => !Object.hasOwn(packageJson.scripts, name))).toEqual([]);
});

/** Modules that the pages only show. test/e2e/add-a-backend.full.test.ts writes and runs them. */
const isExample = (path: string): boolean => /^schema\/(reviews|offers)\b/.test(path);

test.each(PAGES)('every path in the commands of %s exists', (page) => {
  const paths = named(
    page,
    /(?<![\w./-])((?:\.ci|src|schema|services-mock|scripts|test|bench|docs)\/[\w./{},*-]*[\w*}/])/g,
  );
  const missing = paths.filter((path) => globSync(path, { cwd: ROOT }).length === 0 && !isExample(path));
  expect(missing).toEqual([]);
});

const words = new Set(SOURCES.flatMap((file) => read(file).match(/\b[A-Z][A-Z\d]*_[A-Z\d_]+\b/g) ?? []));
/** Names of Envoy, which docs/traffic.md compares with. */
const ENVOY = new Set(['ROUND_ROBIN', 'RING_HASH', 'STRICT_DNS']);
/** Variables with the endpoints of a module are named after the module. */
const isEndpoints = (name: string): boolean => name.endsWith('_ENDPOINTS');

test.each(PAGES)('every environment variable, code and constant of %s is in the sources', (page) => {
  const names = named(page, /\b([A-Z][A-Z\d]*_[A-Z\d_]+)\b/g);
  expect(names.filter((name) => !words.has(name) && !isEndpoints(name) && !ENVOY.has(name))).toEqual([]);
});
