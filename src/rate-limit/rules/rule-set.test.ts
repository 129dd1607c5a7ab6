import { expect, test } from 'vitest';
import type { Principal } from '../../request/principal.ts';
import type { LimitedOperation } from '../../request/request-limits.ts';
import type { RequestFacts } from './facts.ts';
import { readLimits } from './read-limits.ts';
import { RuleSet } from './rule-set.ts';

const USER: Principal = {
  ...{ kind: 'user', issuer: 'https://id.test', subject: 'u1', scopes: ['orders:read'], roles: ['staff'] },
  claims: { tenant: 'a', plan: 'pro', groups: ['x', 'y'] },
};
const KEY: Principal = {
  ...{ kind: 'api-key', issuer: 'api-key', subject: 'k1', owner: 'partner', scopes: [], roles: [] },
  plan: 'free',
};

const operation = (changes: Partial<LimitedOperation> = {}): LimitedOperation => ({
  name: 'Search',
  kind: 'query',
  fields: () => new Map([['Query.search', 3]]),
  rootFields: () => ['Query.search'],
  argument: (path) => (path === 'search.text' ? ['a', 'b', 'a'] : []),
  cost: () => 17,
  ...changes,
});

const facts = (changes: Partial<RequestFacts> = {}): RequestFacts => ({
  ...{ principal: USER, address: '10.1.2.3', client: 'web', route: '/graphql', operation: operation() },
  ...changes,
});

const rulesOf = (...rules: readonly object[]): RuleSet => {
  const file = { plan: { claim: 'plan', default: 'basic' }, rules };
  const { limits, problems } = readLimits(JSON.stringify(file));
  if (limits === null) throw new Error(problems.join('\n'));
  return new RuleSet(limits);
};

const HOLDERS = { ms: 1_000, next: () => 'h' };

const demandOf = (rule: object, request: RequestFacts) =>
  rulesOf({ name: 'r', rates: ['10/1m'], ...rule }).demandOf(request, HOLDERS);

const applies = (when: object, request: RequestFacts): boolean => demandOf({ when }, request).charges.length > 0;

const ANONYMOUS: Principal = { kind: 'anonymous' };

test.each([
  [{}, facts(), true],
  [{ caller: ['user'] }, facts(), true],
  [{ caller: ['anonymous'] }, facts(), false],
  [{ caller: ['anonymous'] }, facts({ principal: ANONYMOUS }), true],
  [{ subject: ['u1'] }, facts(), true],
  [{ subject: ['u2'] }, facts(), false],
  [{ owner: ['partner'] }, facts({ principal: KEY }), true],
  [{ owner: ['partner'] }, facts(), false],
  [{ plan: ['pro'] }, facts(), true],
  [{ plan: ['free'] }, facts({ principal: KEY }), true],
  [{ plan: ['basic'] }, facts({ principal: ANONYMOUS }), true],
  [{ role: ['admin', 'staff'] }, facts(), true],
  [{ role: ['admin'] }, facts(), false],
  [{ scope: ['orders:read'] }, facts(), true],
  [{ claim: { tenant: ['a'] } }, facts(), true],
  [{ claim: { tenant: ['b'] } }, facts(), false],
  [{ claim: { groups: ['y'] } }, facts(), true],
  [{ claim: { tenant: ['a'] } }, facts({ principal: ANONYMOUS }), false],
  [{ address: ['10.0.0.0/8'] }, facts(), true],
  [{ address: ['192.168.0.0/16', '10.1.2.3'] }, facts(), true],
  [{ address: ['fd00::/8'] }, facts(), false],
  [{ client: ['web'] }, facts(), true],
  [{ client: ['web'] }, facts({ client: null }), false],
  [{ route: ['/graphql'] }, facts(), true],
  [{ operation: ['Search'] }, facts(), true],
  [{ operation: ['Search'] }, facts({ operation: operation({ name: null }) }), false],
  [{ operation: ['Search'] }, facts({ operation: null }), false],
  [{ kind: ['mutation'] }, facts(), false],
  [{ field: ['Query.search'] }, facts(), true],
  [{ field: ['Query.other'] }, facts(), false],
  [{ role: ['staff'], client: ['web'] }, facts(), true],
  [{ role: ['staff'], client: ['app'] }, facts(), false],
])('the condition %j holds for %o: %s', (when, request, expected) => {
  expect(applies(when, request)).toBe(expected);
});

test('an exempt request is not counted', () => {
  expect(demandOf({ unless: { role: ['staff'] } }, facts()).charges).toEqual([]);
  expect(demandOf({ unless: { role: ['admin'] } }, facts()).charges).toHaveLength(1);
});

const keysOf = (rule: object, request: RequestFacts) => demandOf(rule, request).charges.map(({ key }) => key);

test('callers have counters of their own, and one caller has one counter', () => {
  const [own] = keysOf({}, facts());
  const rights: Principal = { ...USER, scopes: [], roles: [] };
  expect(keysOf({}, facts({ principal: rights, address: '10.9.9.9' }))).toEqual([own]);
  expect(keysOf({}, facts({ principal: { ...USER, subject: 'u2' } }))).not.toEqual([own]);
  expect(keysOf({}, facts({ principal: { ...USER, issuer: 'https://other.test' } }))).not.toEqual([own]);
});

test.each([
  ['address', '10.1.2.4', '10.1.2.3', false],
  ['address/24', '10.1.2.4', '10.1.2.3', true],
  ['address/24', '10.1.3.4', '10.1.2.3', false],
  ['address/16', '10.1.3.4', '10.1.2.3', true],
  ['address', '2001:db8::1', '2001:db8::ffff:1', true],
  ['address', '2001:db8::1', '2001:db8:0:1::1', false],
  ['address/24/48', '2001:db8::1', '2001:db8:0:1::1', true],
  ['address', '::ffff:10.1.2.3', '10.1.2.3', true],
] as const)('with the key %s, %s and %s have one counter: %s', (key, one, other, expected) => {
  const [a, b] = [one, other].map((address) => keysOf({ key: [key] }, facts({ address })));
  expect(JSON.stringify(a) === JSON.stringify(b)).toBe(expected);
});

test('a caller without the value of a key has a counter of its own: it neither shares one nor evades the rule', () => {
  for (const key of ['owner', 'claim:organisation', 'client', 'operation', 'argument:find.id']) {
    const request = { client: null, operation: operation({ name: null }) };
    const [one] = keysOf({ key: [key] }, facts(request));
    const [other] = keysOf({ key: [key] }, facts({ ...request, principal: { ...USER, subject: 'u2' } }));
    expect(one).toBeDefined();
    expect(one).not.toBe(other);
  }
});

test('a rule without a key has one counter', () => {
  expect(keysOf({ key: [] }, facts())).toEqual(keysOf({ key: [] }, facts({ principal: ANONYMOUS, address: '::1' })));
});

test('parts of a key cannot be confused with each other', () => {
  const key = ['client', 'operation'];
  expect(keysOf({ key }, facts({ client: 'a', operation: operation({ name: 'b_c' }) }))).not.toEqual(
    keysOf({ key }, facts({ client: 'a_b', operation: operation({ name: 'c' }) })),
  );
});

/** The charges of the rates of a rule, without that of the number of values. */
const ratesOf = (rule: object, request: RequestFacts) =>
  demandOf(rule, request).charges.filter(({ named }) => named.policy === 'r');

const amounts = (rule: object, request = facts()) =>
  ratesOf(rule, request).map(({ needed, amount }) => [needed, amount]);

test('requests, fields, cost and refusals are counted in their units', () => {
  const field = ['Query.search'];
  expect(amounts({})).toEqual([[1, 1]]);
  expect(amounts({ count: 'fields', when: { field } })).toEqual([[3, 3]]);
  expect(amounts({ count: 'fields', when: { field }, key: ['caller', 'field'] })).toEqual([[3, 3]]);
  expect(amounts({ count: 'cost' })).toEqual([[17, 17]]);
  expect(amounts({ count: 'refusals' })).toEqual([[1, 0]]);
});

test('each value of an argument has a counter, with the number of its uses', () => {
  expect(amounts({ key: ['argument:search.text'] })).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect(amounts({ key: ['argument:search.text'], count: 'fields' })).toEqual([
    [2, 2],
    [1, 1],
  ]);
});

test('rules that read the operation do not count a request without one', () => {
  const rules = rulesOf({ name: 'all', rates: ['1/1m'] }, { name: 'costs', rates: ['1/1m'], count: 'cost' });
  expect(rules.needsOperation).toBe(true);
  expect(rules.demandOf(facts({ operation: null }), HOLDERS).charges.map(({ rule }) => rule.name)).toEqual(['all']);
  expect(rulesOf({ name: 'all', rates: ['1/1m'] }).needsOperation).toBe(false);
});

test('a bound of concurrent requests takes a place for the time of the request', () => {
  const { charges, places } = demandOf({ rates: [], concurrent: 5 }, facts());
  expect(charges).toEqual([]);
  expect(places).toMatchObject([{ slots: 5, holder: 'h', ms: 1_000, isEnforced: true }]);
});

test('a client cannot name itself as the counter of a caller without a name', () => {
  const [victim] = keysOf({ key: ['client'] }, facts({ principal: ANONYMOUS, client: null }));
  for (const client of ['without address:10.1.2.3', 'address:10.1.2.3', '["address:10.1.2.3"]'])
    expect(keysOf({ key: ['client'] }, facts({ principal: ANONYMOUS, address: '192.0.2.9', client }))).not.toEqual([
      victim,
    ]);
});

test.each([
  ['role', { roles: [] }],
  ['claim:tenant', { claims: { tenant: null } }],
  ['claim:tenant', { claims: { tenant: '' } }],
  ['claim:tenant', { claims: { tenant: [] } }],
])('callers with an empty value of %s, %j, do not share a counter', (key, changes) => {
  const [one, other] = ['u1', 'u2'].map((subject) =>
    keysOf({ key: [key] }, facts({ principal: { ...USER, ...changes, subject } as Principal })),
  );
  expect(one).not.toEqual(other);
});

test.each([
  [1, '1'],
  ['a', ['a']],
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  [{ a: [{ x: 1, y: 2 }] }, { a: [{ y: 2, x: 1, z: undefined }] }],
])('two spellings of an argument, %j and %j, have one counter', (one, other) => {
  const keys = [one, other].map((value) =>
    keysOf({ key: ['argument:find.id'] }, facts({ operation: operation({ argument: () => [value] }) })),
  );
  expect(keys[0]).toEqual(keys[1]);
});

test('an operation with more counters than are counted is never admitted', () => {
  const values = (count: number) =>
    facts({ operation: operation({ argument: () => Array.from({ length: count }, (_, n) => n) }) });
  const key = ['argument:find.id', 'argument:find.shop'];
  expect(ratesOf({ key }, values(10)).map(({ needed }) => needed)).toEqual(Array(100).fill(1));
  expect(ratesOf({ key }, values(11)).every(({ needed }) => needed === Number.MAX_SAFE_INTEGER)).toBe(true);
});
