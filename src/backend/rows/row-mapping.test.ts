import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowMapping } from './row-mapping.ts';
import { rowNames } from './row-names.ts';

const call = { upstream: 'accounts.users', route: 'GET /users' } as never; // names the call in errors only

test.each([
  ['snake', 'full_name', 'fullName'],
  ['snake', 'address_line_1', 'addressLine1'],
  ['snake', '_links', '_links'],
  ['snake', 'id', 'id'],
  ['snake', 'trailing_', 'trailing_'],
  ['snake', 'double__line', 'doubleLine'],
  ['kebab', 'full-name', 'fullName'],
  ['pascal', 'FullName', 'fullName'],
  ['pascal', 'ID', 'iD'],
] as const)('%s: %s of the backend is %s', (nameCase, backend, own) => {
  expect(rowNames(nameCase, {}).read(backend)).toBe(own);
});

test.each([
  ['snake', 'fullName', 'full_name'],
  ['snake', 'addressLine1', 'address_line1'],
  ['snake', '_links', '_links'],
  ['kebab', 'fullName', 'full-name'],
  ['pascal', 'fullName', 'FullName'],
] as const)('%s: %s is sent as %s', (nameCase, own, backend) => {
  expect(rowNames(nameCase, {}).write(own)).toBe(backend);
});

test('a name of letters that is written is read as the same name', () => {
  const name = fc.stringMatching(/^[a-z]{1,8}([A-Z][a-z]{1,8}){0,3}$/);
  fc.assert(
    fc.property(name, fc.constantFrom('snake' as const, 'kebab' as const, 'pascal' as const), (own, nameCase) => {
      const { read, write } = rowNames(nameCase, {});
      expect(read(write(own))).toBe(own);
    }),
    { seed: 20 },
  );
});

test('names are converted at every depth, in both directions, with the exceptions', () => {
  const { read, write } = rowMapping({ case: 'snake', names: { url: 'html_url', addressLine1: 'address_line_1' } });
  const backend = { full_name: 'Ann', html_url: '/ann', homes: [{ address_line_1: 'A', zip_code: null }], n: 1 };
  const own = { fullName: 'Ann', url: '/ann', homes: [{ addressLine1: 'A', zipCode: null }], n: 1 };
  expect(read(backend, call)).toEqual(own);
  expect(write(own)).toEqual(backend);
});

test('unchanged properties keep the names in them', () => {
  const { read, write } = rowMapping({ case: 'snake', unchanged: ['countByUser'] });
  expect(read({ count_by_user: { ann_lee: { best_of: 1 } } }, call)).toEqual({
    countByUser: { ann_lee: { best_of: 1 } },
  });
  expect(write({ countByUser: { annLee: 1 } })).toEqual({ count_by_user: { annLee: 1 } });
});

test('a property that has the name already wins', () => {
  expect(rowMapping({ case: 'snake' }).read({ full_name: 'b', fullName: 'a' }, call)).toEqual({ fullName: 'a' });
});

test('a name that names declares precedes a property that has the name already, in rows and in bodies', () => {
  const { read, write } = rowMapping({ case: 'snake', names: { url: 'html_url' } });
  expect(read([{ url: 'api', html_url: 'page' }, { html_url: 'page', url: 'api' }, { url: 'api' }], call)).toEqual([
    { url: 'page' },
    { url: 'page' },
    { url: 'api' },
  ]);
  expect(write({ html_url: 'a', url: 'b' })).toEqual({ html_url: 'b' });
});

test('the path of a field has the names of the module, up to a property that is unchanged', () => {
  const { fieldName } = rowMapping({ case: 'snake', names: { url: 'html_url' }, unchanged: ['metadata'] });
  expect(['line_items[0].unit_price', 'html_url', 'bank[account_no]', 'metadata[order_id]'].map(fieldName)).toEqual([
    'lineItems[0].unitPrice',
    'url',
    'bank[accountNo]',
    'metadata[order_id]',
  ]);
  expect(rowMapping({}).fieldName('unit_price')).toBe('unit_price');
});

test('dates and other classes are left to their own JSON', () => {
  const at = new Date(0);
  expect(rowMapping({ case: 'snake' }).write({ createdAt: at })).toEqual({ created_at: at });
});

test('__proto__ in JSON is a property, not the prototype', () => {
  const value = rowMapping({ case: 'snake' }).read(JSON.parse('{"__proto__":{"is_admin":true},"a_b":1}'), call);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(JSON.stringify(value)).toBe('{"__proto__":{"isAdmin":true},"aB":1}');
});

test('the envelope is taken off, that of the call first; an answer without it is UPSTREAM_BAD_RESPONSE', () => {
  const { read } = rowMapping({ envelope: 'result.items' });
  expect(read({ result: { items: [1] } }, call)).toEqual([1]);
  expect(read({ data: 2 }, call, { envelope: 'data' })).toBe(2);
  expect(read({ data: 2 }, call, { envelope: null })).toEqual({ data: 2 });
  expect(read(undefined, call)).toBeUndefined();
  for (const answer of [{ result: null }, { result: {} }, [], 'text', null])
    expect(() => read(answer, call)).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_BAD_RESPONSE', reason: 'the answer has no result.items' }),
    );
});

test('without case and names a value is the same object', () => {
  const value = { a_b: [{ c_d: 1 }] };
  expect(rowMapping({}).read(value, call)).toBe(value);
  expect(rowMapping({}).write(value)).toBe(value);
});
