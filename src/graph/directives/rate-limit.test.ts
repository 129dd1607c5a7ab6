import { makeExecutableSchema } from '@graphql-tools/schema';
import { graphql, parse } from 'graphql';
import { expect, test } from 'vitest';
import { anonymousRequest } from '../../../test/support/gateway/executed.ts';
import { memoryLimiters } from '../../rate-limit/memory.ts';
import { fieldQuotasOf, openRateLimits, RATE_LIMIT_SDL } from './rate-limit.ts';

const SDL = `type Query { a: Int @rateLimit(limit: 3, duration: 60)  b: Int @rateLimit(limit: 3, duration: 60) }`;

test('a plan and delegation count against one limit', async () => {
  const quotas = fieldQuotasOf([{ module: 'm', document: parse(SDL) }]);
  const { limits, limitFields } = openRateLimits(quotas, memoryLimiters());
  const schema = limitFields(
    makeExecutableSchema({ typeDefs: RATE_LIMIT_SDL + SDL, resolvers: { Query: { a: () => 1, b: () => 1 } } }),
  );
  const request = anonymousRequest();
  const planned = limits.get('Query.a');
  expect(await planned?.count(request)).toBeNull();
  const delegated = await graphql({ schema, source: '{ a x: a y: a b }', contextValue: { request } });
  expect({ ...delegated.data }).toEqual({ a: 1, x: 1, y: null, b: 1 });
  expect(await planned?.count(request)).toMatchObject({ code: 'RATE_LIMITED' });
});
