import { expect, test } from 'vitest';
import { acceptsHtml, answerContentType, isJson, noticeType } from './content-negotiation.ts';

const JSON_TYPE = 'application/json';
const GRAPHQL_TYPE = 'application/graphql-response+json';

test.each([
  [undefined, JSON_TYPE],
  ['', JSON_TYPE],
  ['*/*', JSON_TYPE],
  ['application/*', JSON_TYPE],
  ['Application/JSON; charset=UTF-8', JSON_TYPE],
  [GRAPHQL_TYPE, GRAPHQL_TYPE],
  [`${GRAPHQL_TYPE}, ${JSON_TYPE};q=0.9`, GRAPHQL_TYPE],
  [`${JSON_TYPE}, ${GRAPHQL_TYPE}`, JSON_TYPE],
  [`${JSON_TYPE};q=0.1, ${GRAPHQL_TYPE};q=0.2`, GRAPHQL_TYPE],
  [`${JSON_TYPE};q=0, */*`, GRAPHQL_TYPE],
  ['text/html, */*;q=0.8', JSON_TYPE],
  [`multipart/mixed;deferSpec=20220824, ${GRAPHQL_TYPE}, ${JSON_TYPE};q=0.9`, GRAPHQL_TYPE],
])('Accept %s is answered with %s', (accept, expected) => {
  expect(answerContentType(accept)).toBe(expected);
});

test.each(['text/html', 'nonsense', `${JSON_TYPE};q=0`, `${JSON_TYPE};q=x`, `${JSON_TYPE}; charset=latin1`])(
  'Accept %s is refused',
  (accept) => {
    expect(() => answerContentType(accept)).toThrow('Accept must allow');
  },
);

test('JSON must be UTF-8, by any of its labels, in any case and quoted or not', () => {
  const charsets = ['utf-8', 'utf8', '"UTF-8"', '"Utf8"', 'unicode-1-1-utf-8', 'x-unicode20utf8'];
  const yes = [
    'application/json',
    'APPLICATION/JSON',
    ...charsets.map((label) => `application/json; charset=${label}`),
  ];
  expect(yes.filter((type) => !isJson(type))).toEqual([]);
  const others = ['utf-16', 'latin1', 'us-ascii', 'utf_8', '""', "'utf-8'"];
  const no = ['text/json', 'json', '', ...others.map((label) => `application/json; charset=${label}`)];
  expect(no.filter(isJson)).toEqual([]);
});

test.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
  ['text/html', 'text/html'],
  ['text/*', 'text/html'],
  ['text/plain, text/html;q=0.5', 'text/plain'],
  ['application/json, text/plain, */*', null],
  ['application/json, text/html', null],
  ['text/html;q=0.1, application/json', null],
  ['*/*', null],
  ['image/png', null],
  [undefined, null],
])('the type of a notice for Accept %s is %s', (accept, expected) => {
  expect(noticeType(accept)).toBe(expected);
});

test('text/html in Accept marks a browser, other types do not', () => {
  expect(acceptsHtml('text/html,application/xhtml+xml,*/*;q=0.8')).toBe(true);
  expect([undefined, '*/*', 'application/json', 'text/html;q=0'].filter(acceptsHtml)).toEqual([]);
});
