import { defineBackend, rest } from 'tributary/backend';
import { reply, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { stockWatch } from '../../test/support/modules/stock-watch.ts';

const shop = (errors: NonNullable<Parameters<typeof rest>[0]>['errors']) =>
  defineBackend()({
    name: 'shop',
    typeDefs: { text: 'type Query { thing: String }', file: import.meta.filename },
    upstreams: { things: rest({ errors }) },
    resolvers: {
      Query: { thing: (_root, _args, { clients }) => clients.things.get('/thing', { response: z.string() }) },
    },
  });

const refused = scripted().get('/thing', reply({ status: 422, body: { reason: 'late' } }));

test('errors of an upstream decides the error of a scripted answer', async () => {
  const module = shop(({ body }) => ({ code: 'CONFLICT', message: 'Too late.', details: { body } }));
  const { errors } = await testBackend(module, { things: refused }).query('{ thing }');
  expect(errors).toMatchObject([
    { message: 'Too late.', extensions: { code: 'CONFLICT', details: { body: { reason: 'late' } } } },
  ]);
});

test('a fault of errors fails the query of a test', async () => {
  const module = shop(() => ({ code: 'CONFLCT' }) as never);
  await expect(testBackend(module, { things: refused }).query('{ thing }')).rejects.toThrow(
    'shop.things: GET /thing: the function errors has a fault: its code is not in docs/errors.md.',
  );
});

test('a scripted gRPC status may have a message and details', async () => {
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'below', description: 'too small' }],
    },
  ];
  const stock = scripted().stream('WatchStock', [reply({ status: 3, body: { message: 'no', details } })]);
  const { errors } = await testBackend(stockWatch(), { stock }).query('{ lowStock(below: 5) { available } }');
  expect(errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { violations: [{ field: 'below', message: 'too small' }] },
  });
});

test('an unknown type of a scripted detail is named with the known ones', async () => {
  const stock = scripted().stream('WatchStock', [reply({ status: 3, body: { details: [{ '@type': 'x' }] } })]);
  const thrown: unknown[] = [];
  await testBackend(stockWatch({ thrown }), { stock }).query('{ lowStock(below: 5) { available } }');
  expect(String(thrown[0])).toMatch(
    /a scripted detail has the @type x: use type\.googleapis\.com\/google\.rpc\.ErrorInfo, /,
  );
});
