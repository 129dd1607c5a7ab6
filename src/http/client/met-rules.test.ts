import { expect, test } from 'vitest';
import { readRequestRules } from '../../config/network/request-rules.ts';
import { metRules } from './met-rules.ts';

/** True if a rule with this condition denies a request with these headers. */
const isDenied = (header: object, rawHeaders: string[]): boolean => {
  const { rules, problems } = readRequestRules(
    JSON.stringify({ rules: [{ name: 'a', when: { header }, action: 'deny' }] }),
  );
  expect(problems).toEqual([]);
  const request = {
    request: { method: 'GET', rawHeaders },
    address: '127.0.0.1',
    place: { route: '/graphql', url: '/' },
  };
  return metRules(rules ?? [])(request).met.length > 0;
};

test('a rule about Host holds for :authority of HTTP/2', () => {
  const rule = { Host: { equals: ['old.example'] } };
  expect(isDenied(rule, ['Host', 'old.example'])).toBe(true);
  expect(isDenied(rule, [':method', 'GET', ':authority', 'old.example'])).toBe(true);
  expect(isDenied(rule, [':authority', 'new.example'])).toBe(false);
});

test('a rule about cookies holds for cookies that HTTP/2 sends one by one', () => {
  const rule = { cookie: { matches: 'a=1; b=2' } };
  expect(isDenied(rule, ['Cookie', 'a=1; b=2'])).toBe(true);
  expect(isDenied(rule, ['cookie', 'a=1', 'cookie', 'b=2'])).toBe(true);
  expect(isDenied(rule, ['cookie', 'a=1'])).toBe(false);
});

test.each([
  [
    ['measure', 'tag', 'deny', 'allow'],
    ['measure', 'tag', 'deny'],
  ],
  [
    ['tag', 'allow', 'deny'],
    ['tag', 'allow'],
  ],
  [
    ['measure', 'measure'],
    ['measure', 'measure'],
  ],
])('of rules that %j, a request meets those that %j: measuring and tagging shadow no deny', (actions, expected) => {
  const declared = actions.map((action, at) => ({ name: `r${at}`, action }));
  const { rules } = readRequestRules(JSON.stringify({ rules: declared }));
  const { met } = metRules(rules ?? [])({
    request: { method: 'GET', rawHeaders: [] },
    address: '127.0.0.1',
    place: { route: null, url: '/' },
  });
  expect(met.map(({ action }) => action)).toEqual(expected);
});
