import { reply, type ScriptedRequest, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import petstore from './index.ts';

const ID = '9223372036854775807';
const pet = (id: unknown) => ({ id, name: 'Rex', status: 'sold', photoUrls: [] });

test('a list of statuses repeats its name in the query, and ids of 64 bits keep their digits', async () => {
  const api = scripted().get('/pet/findByStatus', ({ query }: ScriptedRequest) =>
    query.getAll('status').map((status) => ({ ...pet(ID), status })),
  );
  const gateway = testBackend(petstore, { api });
  const { data } = await gateway.query('{ pets(status: [sold, pending]) { id status } }');
  expect(data.pets).toEqual([
    { id: ID, status: 'sold' },
    { id: ID, status: 'pending' },
  ]);
  expect(gateway.calls).toEqual(['petstore.api GET /pet/findByStatus']);
});

test('a pet that does not exist is null', async () => {
  const gateway = testBackend(petstore, { api: scripted().get('/pet/{id}', reply({ status: 404 })) });
  const { data, errors } = await gateway.query('{ pet(id: "7") { name } }');
  expect({ data, errors }).toEqual({ data: { pet: null }, errors: undefined });
});

test('an upload is sent as its bytes', async () => {
  const api = scripted().post('/pet/{id}/uploadImage', ({ bytes, headers, query }: ScriptedRequest) => ({
    message: `${headers['content-type']} ${query.get('additionalMetadata')} ${bytes?.join(',')}`,
  }));
  const gateway = testBackend(petstore, { api });
  const { data } = await gateway.query(
    'mutation { uploadPhoto(id: "7", additionalMetadata: "front", content: "AQID") { message } }',
  );
  expect(data.uploadPhoto).toEqual({ message: 'application/octet-stream front 1,2,3' });
  expect(gateway.calls).toEqual(['petstore.api POST /pet/{id}/uploadImage']);
});

test('an order has an id of 64 bits as a number, and leads to its pet with one call', async () => {
  const bodies: string[] = [];
  const api = scripted()
    .post('/store/order', ({ bytes }: ScriptedRequest) => {
      bodies.push(Buffer.from(bytes ?? []).toString());
      return { id: 1, petId: ID, quantity: 2, complete: false };
    })
    .get('/pet/{id}', pet(ID));
  const gateway = testBackend(petstore, { api });
  const { data } = await gateway.query(`mutation { placeOrder(petId: ${ID}, quantity: 2) { id pet { id name } } }`);
  expect(data.placeOrder).toEqual({ id: '1', pet: { id: ID, name: 'Rex' } });
  expect(bodies).toEqual([`{"petId":${ID},"quantity":2}`]);
  expect(gateway.calls).toEqual(['petstore.api POST /store/order', 'petstore.api GET /pet/{id}']);
});
