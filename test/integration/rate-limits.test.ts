import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { clientLimit } from '../../src/http/limits/exchange-limits.ts';
import { serveLimited } from '../support/gateway/limited.ts';
import type { HttpAnswer } from '../support/gateway/served-gateway.ts';

const aliases = (count: number, field: string): string =>
  Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(' ');

const RATE_LIMITED = {
  message: 'Too many requests. Try again later.',
  extensions: {
    code: 'RATE_LIMITED',
    details: { retryAfter: expect.toSatisfy((seconds: unknown) => Number(seconds) >= 1 && Number(seconds) <= 60) },
    requestId: expect.stringMatching(/./),
  },
};

const limitedIn = ({ body }: HttpAnswer): number => {
  const errors: readonly unknown[] = body.errors ?? [];
  for (const error of errors) expect(error).toMatchObject(RATE_LIMITED);
  return errors.length;
};

const as = (subject: string) => ({ headers: { authorization: `Bearer ${subject}` } });

describe('every execution counts', () => {
  test.each(['quote', '...F', '... on Query { x: quote ...F }'])(
    '100 aliases of a field with a limit of 5 execute 5 times (%s)',
    async (how) => {
      const gateway = await serveLimited();
      const own = how === 'quote' ? 100 : 99 - (how.includes('x:') ? 1 : 0);
      const fragment = how === 'quote' ? '' : 'fragment F on Query { y: quote }';
      const spread = how === 'quote' ? '' : how;
      const answer = await gateway.runQuery(`{ ${aliases(own, 'quote')} ${spread} } ${fragment}`);
      expect(answer.status).toBe(200);
      expect(Object.values(answer.body.data).filter((value) => value === 'an answer')).toHaveLength(5);
      expect(limitedIn(answer)).toBe(95);
      expect(gateway.calls).toHaveLength(5);
    },
  );

  test.each([
    ['price', 'of the same module', 'GET /prices'],
    ['rating', 'of a joined module', 'GET /ratings'],
    ['shipping', 'computed from another module’s', 'GET /shipping'],
  ])('a list of 100 items has 5 values of the limited field %s %s', async (field, _whose, route) => {
    const gateway = await serveLimited();
    const answer = await gateway.runQuery(`{ items { id ${field} } }`);
    const items: readonly Record<string, unknown>[] = answer.body.data.items;
    expect(items).toHaveLength(100);
    expect(items.filter((item) => item[field] !== null)).toHaveLength(5);
    expect(items.every(({ id }) => id !== null)).toBe(true);
    expect(limitedIn(answer)).toBe(95);
    const paths = answer.body.errors.map(({ path }: { path: unknown[] }) => path.join('.'));
    expect(new Set(paths).size).toBe(95);
    expect(gateway.calls).toEqual(['GET /items', route]);
  });

  test('internal calls of joins do not count', async () => {
    const gateway = await serveLimited();
    for (let n = 0; n < 3; n += 1) {
      const answer = await gateway.runQuery('{ items(first: 2) { id weight price rating shipping } }');
      expect(limitedIn(answer)).toBe(n < 2 ? 0 : 3);
    }
  });

  test('consecutive requests count, by GET, POST and persisted query alike', async () => {
    const gateway = await serveLimited();
    const query = '{ quote }';
    const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') };
    const ways = [
      () => gateway.runQuery(query),
      () => gateway.runQuery(query, { get: true }),
      () => gateway.runQuery(query, { extensions: { persistedQuery } }),
      () => gateway.runQuery(undefined, { extensions: { persistedQuery } }),
      () => gateway.runQuery(undefined, { extensions: { persistedQuery }, get: true }),
    ];
    const answers: HttpAnswer[] = [];
    for (const way of [...ways, ...ways]) answers.push(await way());
    expect(answers.map(limitedIn)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(gateway.calls).toHaveLength(5);
  });

  test('mutations over the limit are rejected one by one and not executed', async () => {
    const gateway = await serveLimited();
    expect(limitedIn(await gateway.runQuery(`mutation { ${aliases(7, 'send')} }`))).toBe(2);
    expect(gateway.calls).toEqual(Array.from({ length: 5 }, () => 'POST /send'));
  });
});

describe('the owner of a limit', () => {
  test('each user has a separate limit, and anonymous clients have one per network', async () => {
    const { runQuery } = await serveLimited();
    const query = `{ ${aliases(5, 'quote')} }`;
    expect(limitedIn(await runQuery(query, as('c1')))).toBe(0);
    expect(limitedIn(await runQuery(query, as('c2')))).toBe(0);
    expect(limitedIn(await runQuery(query))).toBe(0);
    expect(limitedIn(await runQuery('{ quote }', as('c1')))).toBe(1);
    expect(limitedIn(await runQuery('{ quote }'))).toBe(1);
  });

  test('each field has a separate limit, even with equal numbers', async () => {
    const { runQuery } = await serveLimited();
    expect(limitedIn(await runQuery(`{ ${aliases(5, 'quote')} }`))).toBe(0);
    expect(limitedIn(await runQuery(`{ ${aliases(5, 'other')} }`))).toBe(0);
    expect(limitedIn(await runQuery('{ other quote wide }'))).toBe(2);
  });

  test('X-Forwarded-For counts behind a trusted proxy only; otherwise the proxy’s address does', async () => {
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const trusting = await serveLimited({ listener: { trustedProxies: ['127.0.0.1'] } });
    const query = `{ ${aliases(5, 'quote')} }`;
    expect(limitedIn(await trusting.runQuery(query, from('2001:db8:1:2::1')))).toBe(0);
    expect(limitedIn(await trusting.runQuery('{ quote }', from('2001:db8:1:2:ffff::9')))).toBe(1);
    expect(limitedIn(await trusting.runQuery('{ quote }', from('2001:db8:1:3::1')))).toBe(0);
    expect(limitedIn(await trusting.runQuery(query, from('192.0.2.7')))).toBe(0);
    expect(limitedIn(await trusting.runQuery('{ quote }', from('::ffff:192.0.2.7')))).toBe(1);
    // Entries before the proxy's own one are forged by the client.
    expect(limitedIn(await trusting.runQuery('{ quote }', from('203.0.113.9, 192.0.2.7')))).toBe(1);
    const other = await serveLimited();
    expect(limitedIn(await other.runQuery(query, from('192.0.2.7')))).toBe(0);
    expect(limitedIn(await other.runQuery('{ quote }', from('192.0.2.8')))).toBe(1);
  });
});

test('a denied field uses up none of its limit', async () => {
  const gateway = await serveLimited();
  const refused = await gateway.runQuery(`{ ${aliases(10, 'secret')} }`);
  expect(refused.body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)).toEqual(
    Array.from({ length: 10 }, () => 'UNAUTHENTICATED'),
  );
  expect(refused.headers.get('ratelimit')).toBeNull();
  expect(gateway.calls).toEqual([]);
  const allowed = await gateway.runQuery(`{ ${aliases(3, 'secret')} }`, as('c1'));
  expect(limitedIn(allowed)).toBe(1);
  expect(gateway.calls).toHaveLength(2);
});

describe('rate limit headers of the answer', () => {
  test('the answer reports the remainder of the tightest limit in use', async () => {
    const { runQuery } = await serveLimited();
    const { headers } = await runQuery('{ wide quote other a: quote }');
    expect(headers.get('ratelimit-policy')).toBe('"Query.quote";q=5;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"Query\.quote";r=3;t=(60|5\d)$/);
  });

  test('a field over its limit has a remainder of 0', async () => {
    const { runQuery } = await serveLimited();
    const { headers, body } = await runQuery(`{ wide ${aliases(6, 'quote')} }`);
    expect(headers.get('ratelimit')).toMatch(/^"Query\.quote";r=0;t=(60|5\d)$/);
    const [, t] = /t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
    expect(body.errors[0].extensions.details.retryAfter).toBeGreaterThanOrEqual(Number(t));
  });

  test('the client limit is reported next to the field limit', async () => {
    const quota = { limit: 2, seconds: 30 };
    const { runQuery } = await serveLimited({ requestLimits: clientLimit(quota, systemClock) });
    const { headers } = await runQuery('{ quote }');
    expect(headers.get('ratelimit-policy')).toBe('"client";q=2;w=30, "Query.quote";q=5;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"client";r=1;t=\d+, "Query\.quote";r=4;t=\d+$/);
    expect((await runQuery('{ free }')).headers.get('ratelimit')).toMatch(/^"client";r=0;t=\d+$/);
  });

  test('an operation without limited fields has no rate limit headers', async () => {
    const { headers } = await (await serveLimited()).runQuery('{ free }');
    expect([headers.get('ratelimit'), headers.get('ratelimit-policy')]).toEqual([null, null]);
  });
});
