import { expect, test } from 'vitest';
import petstore from '../../../examples/petstore/index.ts';
import { startPetstore } from '../../../examples/petstore/mock.ts';
import { startGateway } from '../../support/gateway/gateway.ts';

test('pets, photos and orders through the whole gateway, with ids beyond 2^53', async () => {
  await using mock = await startPetstore('special-key');
  await using gateway = await startGateway({ PETSTORE_API_ENDPOINTS: mock.url, PETSTORE_KEY: 'special-key' }, [
    petstore,
  ]);
  const run = async (document: string, variables = {}) => {
    const { data, errors } = await gateway.query(document, variables);
    return errors.length > 0 ? errors.map(({ extensions }) => extensions) : data;
  };
  const id = '9223372036854775001';

  expect(await run('mutation { addPet(input: { name: "Ada" }) { id status photoUrls } }')).toEqual({
    addPet: { id, status: 'available', photoUrls: [] },
  });
  expect(await run('{ pets(status: [available, sold]) { name } none: pets(status: []) { name } }')).toEqual({
    pets: [{ name: 'Rex' }, { name: 'Ada' }],
    none: [],
  });
  const update = 'mutation ($id: ID!) { setPet(id: $id, form: { status: pending }) { name status } }';
  expect(await run(update, { id })).toEqual({ setPet: { name: 'Ada', status: 'pending' } });
  const upload =
    'mutation ($id: ID!) { uploadPhoto(id: $id, additionalMetadata: "side", content: "AQIDBA==") { message } }';
  expect(await run(upload, { id })).toEqual({ uploadPhoto: { message: 'side: 4 bytes' } });
  const order = 'mutation ($id: BigInt!) { placeOrder(petId: $id) { quantity complete pet { id name } } }';
  expect(await run(order, { id })).toEqual({ placeOrder: { quantity: 1, complete: false, pet: { id, name: 'Ada' } } });
  expect(await run('{ pet(id: "1") { name } }')).toEqual({ pet: null });

  expect(mock.requests.toSorted()).toEqual(
    [
      'POST /pet application/json',
      'GET /pet/findByStatus?status=available&status=sold',
      'GET /pet/findByStatus',
      `POST /pet/${id} application/x-www-form-urlencoded`,
      `POST /pet/${id}/uploadImage?additionalMetadata=side application/octet-stream`,
      'POST /store/order application/json',
      `GET /pet/${id}`,
      'GET /pet/1',
    ].toSorted(),
  );
});

test('a key that the store rejects is no sign-in of the client', async () => {
  await using mock = await startPetstore('special-key');
  await using gateway = await startGateway({ PETSTORE_API_ENDPOINTS: mock.url, PETSTORE_KEY: 'old-key' }, [petstore]);
  const { data, errors } = await gateway.query('{ pet(id: "1") { name } }');
  expect(data).toEqual({ pet: null });
  expect(errors).toMatchObject([{ path: ['pet'], extensions: { code: 'UPSTREAM_ERROR' } }]);
});
