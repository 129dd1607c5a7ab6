import { expect, test } from 'vitest';
import payments from '../../../examples/payments/index.ts';
import { startPayments } from '../../../examples/payments/mock.ts';
import { startGateway } from '../../support/gateway/gateway.ts';

const SUPPORT = { authorization: 'Bearer support' };

test('customers, charges, refunds and documents through the whole gateway, with one call each', async () => {
  await using mock = await startPayments('sk_test');
  await using gateway = await startGateway(
    { PAYMENTS_API_ENDPOINTS: mock.url, PAYMENTS_FILES_ENDPOINTS: mock.url, PAYMENTS_KEY: 'sk_test' },
    [payments],
  );
  const run = async (document: string, variables = {}) => {
    const { data, errors } = await gateway.query(document, variables, SUPPORT);
    return errors.length > 0 ? errors.map(({ extensions }) => extensions) : data;
  };

  expect(
    await run(`mutation { createCustomer(input: {
      name: "Ann", metadata: { loyaltyNo: "7" }, idempotencyKey: "c1" }) { id name email metadata } }`),
  ).toEqual({ createCustomer: { id: 'cus_1', name: 'Ann', email: null, metadata: { loyaltyNo: '7' } } });

  const charge = `mutation ($amount: Int!, $source: String, $key: String!) { createCharge(input: {
    amount: $amount, currency: "eur", customer: "cus_1", source: $source, idempotencyKey: $key
  }) { id amount customer { name } } }`;
  const first = { createCharge: { id: 'ch_1', amount: 1_099, customer: { name: 'Ann' } } };
  expect(await run(charge, { amount: 1_099, key: 'k1' })).toEqual(first);
  expect(await run(charge, { amount: 1_099, key: 'k1' })).toEqual(first);
  expect(await run(charge, { amount: 5, key: 'k1' })).toMatchObject([{ code: 'CONFLICT' }]);
  expect(await run(charge, { amount: 5, source: 'tok_expired', key: 'k2' })).toMatchObject([
    { code: 'BAD_USER_INPUT', details: { problem: 'expired_card', violations: [{ field: 'expMonth' }] } },
  ]);
  for (const key of ['k3', 'k4']) await run(charge, { amount: 500, key });

  const page = `query ($after: String) { charges(first: 2, after: $after) {
    nodes { id status customer { name } } pageInfo { hasNextPage endCursor } } }`;
  expect(await run(page)).toMatchObject({
    charges: { nodes: [{ id: 'ch_3' }, { id: 'ch_2', status: 'SUCCEEDED' }], pageInfo: { hasNextPage: true } },
  });
  const after = Buffer.from(JSON.stringify(['cursor', 'ch_2'])).toString('base64url');
  expect(await run(page, { after })).toMatchObject({
    charges: { nodes: [{ id: 'ch_1', customer: { name: 'Ann' } }], pageInfo: { hasNextPage: false } },
  });

  expect(
    await run(`mutation { refundCharge(input: { charge: "ch_1", amount: 99, idempotencyKey: "r1" }) {
      amount charge { amount amountRefunded } } }`),
  ).toEqual({ refundCharge: { amount: 99, charge: { amount: 1_099, amountRefunded: 99 } } });
  expect(await run('{ charge(id: "ch_9") { id } }')).toEqual({ charge: null });
  expect(
    await run(`mutation { uploadEvidence(input: {
      filename: "a.png", type: "image/png", content: "iVBORw==", idempotencyKey: "f1" }) { filename size } }`),
  ).toEqual({ uploadEvidence: { filename: 'a.png', size: 4 } });

  expect(mock.calls).toEqual([
    'POST /v1/customers',
    ...Array(6).fill('POST /v1/charges'),
    'GET /v1/charges?limit=2&expand%5B%5D=data.customer',
    'GET /v1/charges?limit=2&starting_after=ch_2&expand%5B%5D=data.customer',
    'POST /v1/refunds',
    'GET /v1/charges/ch_1?expand%5B%5D=customer',
    'GET /v1/charges/ch_9?expand%5B%5D=customer',
    'POST /v1/files',
  ]);
});

test('a wrong key of the gateway is UPSTREAM_ERROR, not a request to sign in', async () => {
  await using mock = await startPayments('sk_test');
  await using gateway = await startGateway(
    { PAYMENTS_API_ENDPOINTS: mock.url, PAYMENTS_FILES_ENDPOINTS: mock.url, PAYMENTS_KEY: 'sk_wrong' },
    [payments],
  );
  const { errors } = await gateway.query('{ charge(id: "ch_1") { id } }', {}, SUPPORT);
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
});
