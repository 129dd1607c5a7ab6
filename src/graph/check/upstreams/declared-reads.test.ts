import { expect, test } from 'vitest';
import { LIBRARY, LIBRARY_PROTO } from '../../../../test/support/modules/library.ts';
import { ofGrpc } from '../../../../test/support/modules/test-module.ts';

const problemsOf = (reads: unknown) => ofGrpc({ proto: LIBRARY_PROTO, service: LIBRARY, reads });

test.each([
  ['GetBok', 'use GetBook, or remove it'],
  ['Gte*', 'use Get*, or remove it'],
  ['getBook', 'use GetBook, or remove it'],
  ['Lookup*', 'use methods of the service: GetBook, ListBooks, UpdateBook, DeleteBook, CheckOut, ReturnBooks, Chat'],
])('a pattern that matches no method is rejected: %s', (pattern, fix) => {
  expect(problemsOf(['GetBook', pattern])).toEqual([
    `reads of upstream stock has "${pattern}", which no method of library.v1.Library matches: ${fix}`,
  ]);
});

test('a method with google.api.http PATCH or DELETE cannot be declared as a read', () => {
  const writes = (method: string, verb: string) =>
    `reads of upstream stock has "*Book", but ${method} writes: its google.api.http is ${verb}: use patterns that match reads only`;
  expect(problemsOf(['*Book'])).toEqual([writes('UpdateBook', 'PATCH'), writes('DeleteBook', 'DELETE')]);
});

test('a method with IDEMPOTENT may be declared as a read', () => {
  expect(problemsOf(['Get*', 'List*', 'CheckOut'])).toEqual([]);
});

test.each([
  ['Get*', 'reads of upstream stock is "Get*": use a list, in brackets'],
  [['Get.*'], 'reads of upstream stock is ["Get.*"]: use names of methods as in the .proto, as in GetBook or Get*'],
  [[5], 'reads of upstream stock is [5]: use names of methods as in the .proto, as in GetBook or Get*'],
])('%j is not a list of patterns', (reads, problem) => {
  expect(problemsOf(reads)).toContain(problem);
});
