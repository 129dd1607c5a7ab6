import { expect, test } from 'vitest';
import { pathFault, queryFault } from './request-path.ts';

test.each([
  '/files/7',
  '/files/7/',
  '/files/a.b-c_d~e',
  '/files/.hidden',
  '/files/...',
  '/files/a%20b',
  '/files/caf%C3%A9',
  '/files/a;v=1',
  '/a/@b/(c)/d,e=f:g',
  '/files/100%25',
])('the path %s is accepted', (path) => {
  expect(pathFault(path)).toBeNull();
});

test.each([
  ...[
    'files/7',
    'http://other/files/7',
    '*',
    '/files\\7',
    '/files/a b',
    '/files/é',
    '/files/7#a',
    '/files/{id}',
    '/a|b',
  ],
  ...['/files/a%2fb', '/files/a%2Fb', '/files/a%5cb', '/files/a%00', '/files/a%0d%0ab', '/files/%7f', '/files/%1F'],
  ...[
    '/files/..',
    '/files/../x',
    '/files/./x',
    '/files/%2e%2e/x',
    '/files/%2E./x',
    '/files/.%2e',
    '/../x',
    '/files/%2e',
  ],
  ...['/files/..;/x', '/files/.;a=b/x', '/files/%2e%2e;/x', '/files/..%3b/x', '/files/;/x', '/files/;x'],
  ...['/files/%252e%252e/x', '/files/a%252fb', '/files/%25%32%65', '/files/%255c'],
  ...['/files//x', '//files/x', '/files/x//', '/files/%zz', '/files/%2', '/files/%'],
  ...['/files/%c0%ae%c0%ae/x', '/files/%ff', '/files/%ef%bc%8e%ef%bc%8e/x', '/files/a%ef%bc%8fb', '/files/%e2%80%a5/x'],
])('the path %s is refused', (path) => {
  expect(pathFault(path)).not.toBeNull();
});

test('a long path is checked in linear time', () => {
  // CPU of this thread, in microseconds: a busy machine may pause it for seconds.
  const before = process.threadCpuUsage();
  for (const text of ['/a', '/a/', '/.a', 'a', '%41', '/%41;']) pathFault(`/${text.repeat(4_000)}\\`);
  expect(process.threadCpuUsage(before).user).toBeLessThan(1_000_000);
});

test('a query has visible ASCII without a fragment', () => {
  expect([queryFault(''), queryFault('?a=%0d&b=../c')]).toEqual([null, null]);
  for (const query of ['?a b', '?a#b', '?\u00e9', '?\r\nx']) expect(queryFault(query)).not.toBeNull();
});
