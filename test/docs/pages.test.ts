import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/processes/processes.ts';

const PAGES = globSync(['*.md', '{docs,schema,examples,services-mock,test,bench}/**/*.md'], {
  cwd: ROOT,
  exclude: ['**/node_modules'],
});

const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** Anchor of a heading, as GitHub generates it. */
const anchorsOf = (page: string): readonly string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

const withoutCode = (page: string): string => read(page).replaceAll(/^```.*?^```/gms, '');

const linksOf = (page: string): readonly string[] =>
  [...withoutCode(page).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, target = '']) => target);

/** First rows of tables without the line of dashes that makes them one: a blank line ends a table. */
const brokenTables = (page: string): readonly string[] =>
  [...withoutCode(page).matchAll(/(?:^|\n)(?!\|)[^\n]*\n(\|[^\n]*)\n(?!\|[\s:|-]+\|(?:\n|$))/g)].map(
    ([, row = '']) => row,
  );

const leadsSomewhere = (page: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
};

test.each(PAGES)('every link of %s has a target', (page) => {
  expect(linksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
});

test.each(PAGES)('every table of %s is one: a row behind a blank line is shown as text', (page) => {
  expect(brokenTables(page)).toEqual([]);
});
