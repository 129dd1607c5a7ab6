import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';

const page = readFileSync(new URL('../../docs/discovery.md', import.meta.url), 'utf8');

/** Names in the first column of the table under a heading. */
const namesUnder = (heading: string): readonly string[] => {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const [own = ''] = section.split(/^#/m);
  return [...own.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
};

test('the table has every option of an endpoint', () => {
  let message = '';
  try {
    parseEndpoints('http://a:1;none', 'rest');
  } catch (error) {
    message = String(error);
  }
  const listed = /\((?<list>.*) are\)/.exec(message)?.groups?.list?.split(', ') ?? [];
  expect(namesUnder('Options of an entry').toSorted()).toEqual(listed.toSorted());
});
