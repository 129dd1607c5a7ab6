import { generateKeyPairSync } from 'node:crypto';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import { decodeJwt } from 'jose';
import { grpc } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { InternalTokenIssuer } from '../../src/auth/internal-token/internal-token-issuer.ts';
import { readSigningKeys } from '../../src/auth/internal-token/signing-keys.ts';
import type { UpstreamAuth } from '../../src/backend/credentials/auth-options.ts';
import { wallTime } from '../../src/core/clock.ts';
import { type ExchangeServer, exchangeServer } from '../support/backends/exchange-server.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { tokenGateway } from '../support/gateway/token-gateway.ts';
import { inventoryServer } from '../support/grpc/grpc-server.ts';
import { EXCHANGE_ENV, exchanged, notesBackend, notesWith } from '../support/modules/notes-module.ts';
import { productModule, reviewModule } from '../support/modules/review-module.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const subjects = ({ requests }: ExchangeServer) => requests.map((one) => one.get('subject_token'));

/** A module over gRPC, whose service records the metadata `authorization`. */
const stockWith = async (auth: UpstreamAuth) => {
  const tokens: string[] = [];
  const server = await inventoryServer({
    ListLowStock: ({ metadata }: ServerUnaryCall<unknown, unknown>, reply: (error: null, value: unknown) => void) => {
      tokens.push(String(metadata.get('authorization')[0] ?? 'none'));
      reply(null, { stocks: [] });
    },
  });
  onTestFinished(() => server.stop());
  const proto = '../../../schema/inventory/inventory.proto';
  const module = define({
    name: 'stock',
    typeDefs: typeDefs('type Query { low: Int }'),
    upstreams: { api: grpc({ proto, service: 'inventory.v1.Inventory', auth }) },
    resolvers: {
      Query: {
        low: async (_root, _args, { clients }) =>
          (await clients.api.listLowStock?.({ below: 5, limit: 5 }))?.stocks.length ?? -1,
      },
    },
  });
  return { module, tokens, env: { STOCK_API_ENDPOINTS: `grpc://127.0.0.1:${server.port}` } };
};

test('gRPC: each caller’s calls have the caller’s issued token in the metadata', async () => {
  const exchange = await exchangeServer();
  const { module, tokens, env } = await stockWith(exchanged(exchange.url));
  const gateway = await tokenGateway([module], { ...EXCHANGE_ENV, ...env });
  const answers = await Promise.all(['ann', 'bob', 'ann', 'bob'].map((token) => gateway.query('{ low }', token)));
  expect(answers.map(({ data }) => data)).toEqual(Array.from({ length: 4 }, () => ({ low: 0 })));
  expect([...new Set(tokens)].sort()).toEqual(['Bearer ann-for-notes', 'Bearer bob-for-notes']);
  expect(subjects(exchange).sort()).toEqual(['ann', 'bob']);
  expect((await gateway.query('{ low }')).codes).toEqual(['UNAUTHENTICATED']);
});

test('GraphQL: each caller’s operations have the caller’s issued token', async () => {
  const exchange = await exchangeServer();
  const seen: string[] = [];
  const service = await rawBackend((request, response) => {
    seen.push(request.headers.authorization ?? 'none');
    request.resume();
    response.setHeader('content-type', 'application/json').end('{"data":{"review":{"id":"c1","stars":5}}}');
  });
  onTestFinished(() => service[Symbol.asyncDispose]());
  const reviews = reviewModule();
  const withAuth = Object.fromEntries(
    Object.entries(reviews.upstreams).map(([name, one]) => [name, { ...one, auth: exchanged(exchange.url) }]),
  );
  const gateway = await tokenGateway([{ ...reviews, upstreams: withAuth }, productModule()], {
    ...{ ...EXCHANGE_ENV, REVIEWS_REVIEWS_ENDPOINTS: service.url },
  });
  const answers = await Promise.all(['ann', 'bob'].map((token) => gateway.query('{ review(id: "c1") { id } }', token)));
  expect(answers.map(({ codes }) => codes)).toEqual([[], []]);
  expect(seen.sort()).toEqual(['Bearer ann-for-notes', 'Bearer bob-for-notes']);
});

const issuer = async () => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const keys = await readSigningKeys(pem);
  return new InternalTokenIssuer({ issuer: 'https://gateway.internal', keys: () => keys, wallTime });
};

test('an internal token names its caller and upstream, and is signed once for each caller', async () => {
  const backend = await notesBackend();
  const gateway = await tokenGateway(
    [notesWith({ internalToken: {} })],
    { NOTES_API_ENDPOINTS: backend.url },
    { issuer: await issuer() },
  );
  const callers = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'ann' : 'bob'));
  const answers = await Promise.all(callers.map((caller) => gateway.query('{ notes { reader again } }', caller)));
  for (const [at, { data }] of answers.entries())
    for (const token of [data.notes[0].reader, data.notes[1].again])
      expect(decodeJwt(token)).toMatchObject({
        ...{ iss: 'https://gateway.internal', sub: callers[at], aud: 'notes.api', kind: 'user' },
      });
  expect(new Set(backend.received).size).toBe(2);
  expect((await gateway.query('{ notes { reader } }')).codes).toEqual(['UNAUTHENTICATED']);
});
