import { expect, test } from 'vitest';
import { servedTo, stamped } from './stamp.ts';
import { callsOf, grpcClient, json, mockFor } from './test-clients.ts';

const tokenOf = (sub: unknown) => `Bearer x.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.y`;

test.each([
  [tokenOf('c1'), 'c1'],
  [tokenOf('Łukasz'), 'Łukasz'],
  [tokenOf(1), null],
  ['Bearer a.b.c', null],
  ['Basic abc', null],
  [undefined, null],
])('the subject of %s is %s', (authorization, subject) => expect(servedTo(authorization)).toBe(subject));

test('records are not marked by default; the log has the subject of a call in any case', async () => {
  const mock = await mockFor('accounts');
  const { body } = await json(`${mock.url}/customers/c7`, { headers: { authorization: tokenOf('c1') } });
  expect(body).not.toHaveProperty('servedTo');
  await json(`${mock.url}/customers/c7`);
  expect((await callsOf(mock)).map(({ servedTo: subject }) => subject)).toEqual(['c1', null]);
});

test('every record of an answer is marked, nested and in lists, and each answer anew', async () => {
  const mock = await mockFor('catalog', { stamp: 'field' });
  const sendRequest = async (path: string, sub: string) =>
    (await json(`${mock.url}${path}`, { headers: { authorization: tokenOf(sub) } })).body;
  expect(await sendRequest('/products?ids=p1,p2', 'c1')).toMatchObject([{ servedTo: 'c1' }, { servedTo: 'c1' }]);
  expect(await sendRequest('/products/search?limit=1', 'c2')).toMatchObject({
    servedTo: 'c2',
    items: [{ servedTo: 'c2', product: { servedTo: 'c2' } }],
  });
  expect((await json(`${mock.url}/products/p1`)).body).toMatchObject({ id: 'p1', servedTo: null });
});

test('a mark can be part of texts, and be switched while the mock runs', async () => {
  const mock = await mockFor('inventory');
  const sendRequest = grpcClient(mock);
  const warehouses = async () => {
    const { message } = await sendRequest(
      'BatchGetStock',
      { productIds: ['p1'] },
      { headers: { authorization: tokenOf('c1') } },
    );
    return JSON.stringify(message);
  };
  expect(await warehouses()).not.toContain('c1');
  const put = (stamp: string) => json(`${mock.controlUrl}/__stamp`, { method: 'PUT', body: { stamp } });
  expect((await put('text')).body).toEqual({ stamp: 'text' });
  expect(await warehouses()).toMatch(/"warehouse":"[^"]+ <c1>"/);
  expect((await put('loud')).status).toBe(400);
  expect((await json(`${mock.controlUrl}/__stamp`)).body).toEqual({ stamp: 'text' });
});

test('a gRPC answer names the subject in its trailers', async () => {
  const sendRequest = grpcClient(await mockFor('inventory', { stamp: 'field' }));
  const trailersFor = (sub: string) =>
    new Promise<unknown>((resolve, reject) => {
      const onCall: NonNullable<Parameters<typeof sendRequest>[2]>['onCall'] = (call) =>
        call.on('status', ({ metadata }) => resolve(metadata.get('served-to')));
      sendRequest('ListLowStock', { below: 1 }, { headers: { authorization: tokenOf(sub) }, onCall }).catch(reject);
    });
  expect(await trailersFor('c1')).toEqual(['c1']);
  expect(await trailersFor('Łukasz\r\n')).toEqual([encodeURIComponent('Łukasz\r\n')]);
});

test('the marked record is a copy', () => {
  const record = { id: 'p1', name: 'Lamp', parts: [{ name: 'Bulb' }] };
  expect(stamped(record, 'c1', 'text')).toEqual({ id: 'p1', name: 'Lamp <c1>', parts: [{ name: 'Bulb <c1>' }] });
  expect(stamped(record, null, 'field')).toEqual({
    ...record,
    servedTo: null,
    parts: [{ name: 'Bulb', servedTo: null }],
  });
  expect(record).toEqual({ id: 'p1', name: 'Lamp', parts: [{ name: 'Bulb' }] });
  expect(stamped(record, 'c1', 'off')).toBe(record);
});
