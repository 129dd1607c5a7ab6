import { batch, byKey, loaded, pass, rest, type SchemaModule, secret } from 'tributary/backend';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { UpstreamAuth } from '../../../src/backend/credentials/auth-options.ts';
import { rawBackend } from '../backends/raw-backend.ts';
import { define, typeDefs } from './small-modules.ts';

export const Notes = z.array(z.object({ id: z.string(), reader: z.string() }));

/** The secret of `exchanged`. */
export const EXCHANGE_ENV = { EXCHANGE_SECRET: 's3cret' };

/** Credentials by an exchange for the audience `notes`. */
export const exchanged = (tokenUrl: string, more: object = {}): UpstreamAuth => ({
  tokenExchange: { tokenUrl, clientId: 'shop', clientSecret: secret('EXCHANGE_SECRET'), audience: ['notes'], ...more },
});

/** Returns the token that the backend received: by a root field, a loader, a cached loader and two routes. */
export const notesWith = (auth: UpstreamAuth): SchemaModule =>
  define({
    name: 'notes',
    typeDefs: typeDefs(`
      type Query { notes(ids: String! = "n1,n2"): [Note!]! cached: [Note!]! }
      type Mutation { write: Int }
      type Note { id: ID! reader: String! again: String kept: String }
    `),
    upstreams: { api: rest({ auth }) },
    loaders: ({ api }) => {
      const load = async (ids: readonly string[]) =>
        byKey(await api.get('/notes', { query: { ids: ids.join(',') }, response: Notes }), 'id');
      return { noteById: batch(load), keptById: batch(load, { cache: { ttlMs: 600_000 } }) };
    },
    merge: { Note: { key: 'id', load: 'noteById' } },
    resolvers: {
      Query: {
        notes: async (_root, { ids }, { clients }) => clients.api.get('/notes', { query: { ids }, response: Notes }),
        cached: () => [{ id: 'c1', reader: '' }],
      },
      Mutation: { write: async (_root, _args, { clients }) => clients.api.post('/write', { response: z.int() }) },
      Note: {
        again: loaded('noteById', 'id', (note) => note?.reader),
        kept: loaded('keptById', 'id', (note) => note?.reader),
      },
    },
    routes: { 'GET /notes': pass('api', '/notes'), 'GET /stored': pass('api', '/notes', { cache: true }) },
  });

/** A backend of notes that answers with the token that it received. `refuses` decides which tokens are 401. */
export const notesBackend = async (refuses: (token: string) => boolean = () => false) => {
  const received: string[] = [];
  const backend = await rawBackend(({ url = '', method, headers }, response) => {
    const reader = headers.authorization?.replace('Bearer ', '') ?? 'none';
    received.push(reader);
    response.setHeader('content-type', 'application/json').setHeader('cache-control', 'max-age=600');
    if (refuses(reader)) return response.writeHead(401).end('{}');
    if (method === 'POST') return response.end('1');
    const ids = new URL(url, 'http://api').searchParams.get('ids')?.split(',') ?? ['n1'];
    return response.end(JSON.stringify(ids.map((id) => ({ id, reader }))));
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return { url: backend.url, received };
};
