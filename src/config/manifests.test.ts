import { expect, test } from 'vitest';
import { manifests } from './manifests.ts';

test('manifests are read with their client and their app deployment', () => {
  const text = 'web.json;client=shop-web, ./all.json ,hive.json;app=shop~1.2.0;client=a;, x.json';
  expect(manifests.safeParse(text.replace(';,', ',')).data).toEqual([
    { path: 'web.json', client: 'shop-web', prefix: '' },
    { path: './all.json', client: null, prefix: '' },
    { path: 'hive.json', client: 'a', prefix: 'shop~1.2.0~' },
    { path: 'x.json', client: null, prefix: '' },
  ]);
  expect(manifests.safeParse(undefined).data).toEqual([]);
});

test.each([
  'a.json;client=',
  'a.json;app=shop',
  'a.json;app=shop~',
  'a.json;client=a;client=b',
  'a.json;ttl=3',
  ';client=a',
  'a\u0000.json',
])('%j is refused with the form of a manifest', (text) => {
  expect(manifests.safeParse(text).error?.issues.map(({ message }) => message)).toEqual([
    'must be <path>[;client=<name>][;app=<name>~<version>], the paths of manifests, separated by commas',
  ]);
});
