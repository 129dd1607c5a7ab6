import { createHash } from 'node:crypto';
import { rest } from 'tributary/backend';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { readRequestRules } from '../../src/config/network/request-rules.ts';
import { metRules } from '../../src/http/client/met-rules.ts';
import type { PublicListenerOptions } from '../../src/http/graphql/public-listener.ts';
import { MemoryCounters } from '../../src/rate-limit/counters/memory-counters.ts';
import { CLIENT_POLICY } from '../../src/rate-limit/rules/client-rule.ts';
import { readLimits } from '../../src/rate-limit/rules/read-limits.ts';
import { RuleSet } from '../../src/rate-limit/rules/rule-set.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { routedGateway } from '../support/gateway/routed-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const shop = define({
  name: 'shop',
  typeDefs: typeDefs('type Query { search: Int } type Mutation { change: Int }'),
  upstreams: { shelf: rest() },
  resolvers: {
    Query: { search: (_root, _args, { clients }) => clients.shelf.get('/search', { response: z.int() }) },
    Mutation: { change: (_root, _args, { clients }) => clients.shelf.post('/change', { body: {}, response: z.int() }) },
  },
});

/** The documents of the requests below, by name; the empty name stands for a query without one. */
const DOCUMENTS = {
  A: 'query A { search }',
  B: 'query B { search }',
  '': '{ search }',
  change: 'mutation Change { change }',
};

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const gatewayWith = (isDirect: boolean, rules: readonly object[], listener: Partial<PublicListenerOptions> = {}) => {
  const { rules: valid, problems } = readRequestRules(JSON.stringify({ rules }));
  expect(problems).toEqual([]);
  const met = metRules(valid ?? []);
  return routedGateway([shop], (_, response) => response.setHeader('content-type', 'application/json').end('1'), {
    listener: { directEdge: isDirect, ...listener },
    config: { listener: { requestRules: () => met } },
  });
};

const sender =
  ({ origin }: { readonly origin: string }) =>
  async (body: object, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };

describe.each([true, false])('on the direct edge: %s', (isDirect) => {
  test.each([
    ['a name', { operation: ['A'] }, ['A']],
    ['a pattern of names', { operation: { matches: '^[AB]$' } }, ['A', 'B']],
    ['no name', { operation: { present: false } }, ['']],
    ['any name', { operation: { present: true } }, ['A', 'B', 'change']],
    ['a kind', { kind: ['mutation'] }, ['change']],
    ['a document', { document: [hashOf(DOCUMENTS.B)] }, ['B']],
    ['a name and another kind', { operation: ['A'], kind: ['mutation'] }, []],
  ])('a rule by %s denies the operations that have it, and nothing of them is executed', async (_, when, denied) => {
    await using gateway = await gatewayWith(isDirect, [{ name: 'some', when, action: 'deny' }]);
    const send = sender(gateway);
    const found: string[] = [];
    // A document takes another way once it is known.
    for (const [name, query] of [...Object.entries(DOCUMENTS), ...Object.entries(DOCUMENTS)]) {
      const { status } = await send({ query });
      expect([200, 403]).toContain(status);
      if (status === 403) found.push(name);
    }
    expect(found).toEqual([...denied, ...denied]);
    expect(gateway.received).toHaveLength(8 - found.length);
  });

  test('a denied operation has the response and the log line of every denied request', async () => {
    await using gateway = await gatewayWith(isDirect, [
      { name: 'agent', when: { header: { 'x-bad': { present: true } } }, action: 'deny' },
      { name: 'writes', when: { kind: ['mutation'] }, action: 'deny' },
    ]);
    const send = sender(gateway);
    const byHeader = await send({ query: DOCUMENTS.A }, { 'x-bad': '' });
    const byOperation = await send({ query: DOCUMENTS.change });
    const withoutId = ({ status, body }: typeof byHeader) => ({
      status,
      ...body,
      errors: body.errors.map((error: { extensions: object }) => ({
        ...error,
        extensions: { ...error.extensions, requestId: '' },
      })),
    });
    expect(withoutId(byOperation)).toEqual(withoutId(byHeader));
    expect(byOperation.status).toBe(403);
    await vi.waitFor(() => expect(gateway.access).toHaveLength(2));
    expect(gateway.access[1]).toMatchObject({
      status: 403,
      errors: ['FORBIDDEN'],
      rules: [{ name: 'writes', action: 'deny' }],
      operation: { type: 'mutation', name: 'Change' },
    });
  });

  test('rules are applied in their order, and one that denies without the operation denies at once', async () => {
    await using gateway = await gatewayWith(isDirect, [
      { name: 'trial', when: { operation: ['A'] }, action: 'measure' },
      { name: 'first', when: { operation: ['A', 'B'] }, action: 'tag' },
      { name: 'known', when: { operation: ['A'] }, action: 'allow' },
      { name: 'bad', when: { header: { 'x-bad': { present: true } } }, action: 'deny' },
      { name: 'queries', when: { kind: ['query'] }, action: 'deny' },
      { name: 'office', when: { header: { 'x-office': { present: true } } }, action: 'allow' },
      { name: 'writes', when: { kind: ['mutation'] }, action: 'deny' },
    ]);
    const send = sender(gateway);
    const statuses = [
      (await send({ query: DOCUMENTS.A })).status,
      (await send({ query: DOCUMENTS.A }, { 'x-bad': '' })).status,
      (await send({ query: DOCUMENTS.B }, { 'x-office': '' })).status,
      (await send({ query: DOCUMENTS.change }, { 'x-office': '' })).status,
      (await send({ query: DOCUMENTS.change })).status,
      (await send({ query: '{' })).status,
    ];
    expect(statuses).toEqual([200, 403, 403, 200, 403, 400]);
    await vi.waitFor(() => expect(gateway.access).toHaveLength(6));
    expect(gateway.access.map(({ rules }) => rules?.map(({ name, action }) => `${name} ${action}`).join(', '))).toEqual(
      [
        'trial measure, first tag, known allow',
        'bad deny',
        'office allow, first tag, queries deny',
        'office allow',
        'writes deny',
        undefined,
      ],
    );
  });

  test('the chosen operation of a document decides, also of a persisted query', async () => {
    await using gateway = await gatewayWith(isDirect, [{ name: 'a', when: { operation: ['A'] }, action: 'deny' }]);
    const send = sender(gateway);
    const query = `${DOCUMENTS.A} ${DOCUMENTS.B}`;
    const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf(query) } };
    const statuses: number[] = [];
    for (const body of [{ query, extensions }, { extensions }])
      for (const operationName of ['A', 'B']) statuses.push((await send({ ...body, operationName })).status);
    expect(statuses).toEqual([403, 200, 403, 200]);
  });

  test('a denied operation uses nothing of the limits that read operations, and counts for the others', async () => {
    const { limits } = readLimits(
      JSON.stringify({
        rules: [
          { name: CLIENT_POLICY, rates: ['3/1m'] },
          { name: 'search', when: { operation: ['A'] }, rates: ['1/1m'] },
        ],
      }),
    );
    if (limits === null) throw new Error('The limits are not valid.');
    const set = new RuleSet(limits);
    const options = { rules: () => set, counters: new MemoryCounters({ clock: manualClock() }), guesses: null };
    const rule = { name: 'a', when: { operation: ['A'], header: { 'x-bad': { present: true } } }, action: 'deny' };
    await using gateway = await gatewayWith(isDirect, [rule], { limits: options });
    const send = sender(gateway);
    const statuses = [
      (await send({ query: DOCUMENTS.A }, { 'x-bad': '' })).status,
      (await send({ query: DOCUMENTS.A }, { 'x-bad': '' })).status,
      (await send({ query: DOCUMENTS.A })).status,
      (await send({ query: DOCUMENTS.A }, { 'x-bad': '' })).status,
    ];
    expect(statuses).toEqual([403, 403, 200, 429]);
    expect(gateway.received).toHaveLength(1);
  });
});
