import { type ExecutionResult, GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { differences } from './compare.ts';

type Path = readonly (string | number)[];

const failed = (code: 'NOT_FOUND' | 'UPSTREAM_ERROR', path: Path) =>
  new GraphQLError(code, { path, originalError: new GatewayError(code, code), extensions: { code } });

const nulled = (...errors: readonly GraphQLError[]): ExecutionResult => ({ data: null, errors });

const rows = (...errors: readonly GraphQLError[]): ExecutionResult => ({
  data: { rows: [{ name: null }, { name: null }] },
  errors,
});

const found = (got: ExecutionResult, expected: ExecutionResult, full: ExecutionResult) =>
  differences({ got, expected, full: async () => full, declared: new Set() });

test('a key that a service does not know may have the error of an item of the same list, which has no key', async () => {
  const absent = failed('NOT_FOUND', ['rows', 0, 'name']);
  const broken = failed('UPSTREAM_ERROR', ['rows', 1, 'name', 'first']);
  const elsewhere = failed('UPSTREAM_ERROR', ['others', 1, 'name']);
  const got = nulled(failed('UPSTREAM_ERROR', ['rows', 0, 'name']));

  expect(await found(got, nulled(absent), rows(absent, broken))).toEqual([]);

  const wrong = ['["rows",0,"name"] UPSTREAM_ERROR is an error that cannot be raised below []'];
  expect(await found(got, nulled(absent), rows(absent))).toEqual(wrong);
  expect(await found(got, nulled(absent), rows(absent, elsewhere))).toEqual(wrong);
  expect(await found(got, nulled(broken), rows(broken))).toEqual(wrong);
});
