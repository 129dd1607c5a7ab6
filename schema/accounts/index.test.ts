import { reply, scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import accounts from './index.ts';

const customer = (id: string) => ({
  id,
  name: `Customer ${id}`,
  email: `${id}@example.com`,
  since: '2024-05-01T00:00:00.000Z',
  phone: `+49 ${id}`,
  addresses: [{ street: 'Lane 1', city: 'Bonn', postalCode: '53111', country: 'DE' }],
});

const customers = scripted().get('/customers', ({ query }) =>
  (query.get('ids')?.split(',') ?? ['c1', 'c2']).filter((id) => id !== 'nobody').map(customer),
);

test('three customers selected in one query cost one call, and an unknown one is null', async () => {
  const gateway = testBackend(accounts, { customers });
  const { data } = await gateway.query(
    '{ a: customer(id: "c1") { name } b: customer(id: "c2") { since } c: customer(id: "nobody") { id } }',
  );
  expect(data).toEqual({ a: { name: 'Customer c1' }, b: { since: '2024-05-01T00:00:00.000Z' }, c: null });
  expect(gateway.calls).toEqual(['accounts.customers GET /customers']);
});

test('a page returns the cursor of the next page, and null on the last page', async () => {
  const runQuery = async (headers: Readonly<Record<string, string>>) => {
    const page = scripted().get('/customers', reply({ status: 200, headers, body: [customer('c1')] }));
    return (
      await testBackend(accounts, { customers: page }).query('{ customers(first: 1) { nodes { id } endCursor } }')
    ).data;
  };
  expect(await runQuery({ link: '</customers?limit=1&after=c1>; rel="next"' })).toEqual({
    customers: { nodes: [{ id: 'c1' }], endCursor: 'c1' },
  });
  expect(await runQuery({})).toEqual({ customers: { nodes: [{ id: 'c1' }], endCursor: null } });
});

test('a page size above the limit is rejected without a call', async () => {
  const gateway = testBackend(accounts, { customers });
  const { data, errors } = await gateway.query('{ customers(first: 99999999) { endCursor } }');
  expect(data).toEqual({ customers: null });
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(gateway.calls).toEqual([]);
});

test('`me` is the signed-in customer, and UNAUTHENTICATED without one', async () => {
  const me = testBackend(accounts, { customers }, { principal: signedIn({ subject: 'c2' }) });
  expect((await me.query('{ me { id phone } }')).data).toEqual({ me: { id: 'c2', phone: '+49 c2' } });
  const { errors } = await testBackend(accounts, { customers }).query('{ me { id } }');
  expect(errors).toMatchObject([{ path: ['me'], extensions: { code: 'UNAUTHENTICATED' } }]);
});

test('phone and addresses are visible to the customer and to administrators only', async () => {
  const runQuery = async (principal?: ReturnType<typeof signedIn>) =>
    (
      await testBackend(accounts, { customers }, principal ? { principal } : {}).query(
        '{ customer(id: "c1") { name phone addresses { city } } }',
      )
    ).data.customer;
  const nothing = { name: 'Customer c1', phone: null, addresses: null };
  const everything = { name: 'Customer c1', phone: '+49 c1', addresses: [{ city: 'Bonn' }] };
  expect(await runQuery()).toEqual(nothing);
  expect(await runQuery(signedIn({ subject: 'c2' }))).toEqual(nothing);
  expect(await runQuery(signedIn({ subject: 'c1' }))).toEqual(everything);
  expect(await runQuery(signedIn({ subject: 'boss', roles: ['admin'] }))).toEqual(everything);
});
