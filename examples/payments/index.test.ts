import { reply, type ScriptedRequest, scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import payments from './index.ts';

const principal = signedIn({ subject: 'u1', roles: ['support'] });

const customer = { id: 'cus_1', name: 'Ann', email: null, metadata: { order_id: '7' } };
const charge = (id: string) => ({
  id,
  amount: 1_099,
  amount_refunded: 0,
  currency: 'eur',
  status: 'succeeded',
  created: 1_790_000_000,
  customer,
  metadata: {},
});

test('a page of charges costs one call, which expands the customers, and continues after its last charge', async () => {
  const urls: string[] = [];
  const api = scripted().get('/v1/charges', ({ url, query }) => {
    urls.push(decodeURIComponent(url));
    const isFirst = !query.has('starting_after');
    return { data: isFirst ? [charge('ch_3'), charge('ch_2')] : [charge('ch_1')], has_more: isFirst };
  });
  const gateway = testBackend(payments, { api }, { principal });
  const page = `query ($after: String) { charges(customer: "cus_1", first: 2, after: $after) {
    nodes { id amount status created customer { name metadata } } pageInfo { hasNextPage endCursor } } }`;
  const { data } = await gateway.query(page);
  expect(data.charges.nodes[0]).toEqual({
    id: 'ch_3',
    amount: 1_099,
    status: 'SUCCEEDED',
    created: '2026-09-21T14:13:20.000Z',
    customer: { name: 'Ann', metadata: { order_id: '7' } },
  });
  const { hasNextPage, endCursor: after } = data.charges.pageInfo;
  expect(hasNextPage).toBe(true);
  const next = await gateway.query(page, { after });
  expect(next.data.charges).toMatchObject({ nodes: [{ id: 'ch_1' }], pageInfo: { hasNextPage: false } });
  expect(urls).toEqual([
    '/v1/charges?customer=cus_1&limit=2&expand[]=data.customer',
    '/v1/charges?customer=cus_1&limit=2&starting_after=ch_2&expand[]=data.customer',
  ]);
});

const create = `mutation ($metadata: JSON) { createCharge(input: {
  amount: 1099, currency: "eur", source: "tok_1", metadata: $metadata, idempotencyKey: "k1" }) { id customer { name } } }`;

test('a charge is a form with brackets and the idempotency key of its caller; keys of metadata stay as they are', async () => {
  const sent: ScriptedRequest[] = [];
  const api = scripted().post('/v1/charges', (request) => {
    sent.push(request);
    return { ...charge('ch_1'), customer: null };
  });
  const gateway = testBackend(payments, { api }, { principal });
  for (const subject of ['u1', 'u1', 'u2'])
    await gateway.query(create, { metadata: { orderId: '7' } }, signedIn({ subject, roles: ['support'] }));
  expect(String(decodeURIComponent(String(sent[0]?.body)))).toBe(
    'amount=1099&currency=eur&source=tok_1&metadata[orderId]=7&expand[]=customer',
  );
  const [first, repeated, other] = sent.map(({ headers }) => headers['idempotency-key']);
  expect(repeated).toBe(first);
  expect(other).not.toBe(first);
});

test('a declined card is BAD_USER_INPUT with its problem and its field by the names of the module, without the text of the backend', async () => {
  const error = { type: 'card_error', code: 'card_declined', param: 'source[exp_month]', message: 'secret' };
  const api = scripted().post('/v1/charges', reply({ status: 402, body: { error } }));
  const { errors } = await testBackend(payments, { api }, { principal }).query(create);
  expect(errors).toMatchObject([
    {
      extensions: {
        code: 'BAD_USER_INPUT',
        details: { problem: 'card_declined', violations: [{ field: 'source[expMonth]', message: 'Invalid value.' }] },
      },
    },
  ]);
  expect(JSON.stringify(errors)).not.toContain('secret');
});

test('the charge of a refund costs a call only if other fields than its id are selected', async () => {
  const api = scripted()
    .post('/v1/refunds', { id: 're_1', amount: 99, currency: 'eur', charge: 'ch_1' })
    .get('/v1/charges/{id}', charge('ch_1'));
  const gateway = testBackend(payments, { api }, { principal });
  const refund = (fields: string) =>
    gateway.query(
      `mutation { refundCharge(input: { charge: "ch_1", idempotencyKey: "k" }) { id charge { ${fields} } } }`,
    );
  expect((await refund('id')).data.refundCharge).toEqual({ id: 're_1', charge: { id: 'ch_1' } });
  expect(gateway.calls).toEqual(['payments.api POST /v1/refunds']);
  expect((await refund('id amount')).data.refundCharge.charge).toEqual({ id: 'ch_1', amount: 1_099 });
  expect(gateway.calls.slice(1)).toEqual(['payments.api POST /v1/refunds', 'payments.api GET /v1/charges/{id}']);
});

const upload = (type: string) => `mutation { uploadEvidence(input: {
  filename: "receipt.png", type: "${type}", content: "iVBORw==", idempotencyKey: "k" }) { filename size } }`;

test('a document is a file of a multipart body; a type that is no media type is BAD_USER_INPUT and not sent', async () => {
  const sent: unknown[] = [];
  const files = scripted().post('/v1/files', async ({ body }) => {
    const file = body instanceof FormData ? body.get('file') : null;
    if (file instanceof File) sent.push(file.name, file.type, [...(await file.bytes())]);
    return { id: 'file_1', filename: 'receipt.png', size: 4 };
  });
  const gateway = testBackend(payments, { files }, { principal });
  expect((await gateway.query(upload('image/png'))).data.uploadEvidence).toEqual({ filename: 'receipt.png', size: 4 });
  expect(sent).toEqual(['receipt.png', 'image/png', [0x89, 0x50, 0x4e, 0x47]]);
  expect((await gateway.query(upload('picture'))).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(gateway.calls).toHaveLength(1);
});

test('a caller without the role costs no call', async () => {
  const gateway = testBackend(payments, {}, { principal: signedIn() });
  expect((await gateway.query('{ charge(id: "ch_1") { id } }')).errors).toMatchObject([
    { extensions: { code: 'FORBIDDEN' } },
  ]);
  expect(gateway.calls).toEqual([]);
});
