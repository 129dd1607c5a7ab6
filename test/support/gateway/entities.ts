import { parse } from 'graphql';
import { batch, byKey, defineBackend, type Principal, rest, type SchemaModule } from 'tributary/backend';
import { z } from 'zod';
import type { CacheStore } from '../../../src/cache/store.ts';
import { buildGateway } from '../../../src/graph/build-gateway.ts';
import { ANONYMOUS, type RequestContext, type RequestMemory } from '../../../src/request/request-context.ts';
import type { Call, Send } from '../../../src/upstream/call.ts';
import { typeDefs } from '../modules/small-modules.ts';
import { anonymousRequest } from './executed.ts';

/** Queries any number of entities at once. */
// biome-ignore lint/suspicious/noExplicitAny: modules this small need no generated types
export const picks = defineBackend<any>()({
  name: 'picks',
  typeDefs: typeDefs('type Query { picks(ids: [ID!]!): [Product!]! } type Product { id: ID! }'),
  merge: { Product: { key: 'id' } },
  resolvers: { Query: { picks: (_root, { ids }) => ids.map((id: string) => ({ id })) } },
});

export interface Asking {
  readonly principal?: Principal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly clientAddress?: string;
  /** Default: memory is not counted. */
  readonly memory?: RequestMemory;
}

/** A gateway over one backend with answers that a test defines. */
export const gatewayOver = (modules: readonly SchemaModule[], store: CacheStore | null, send: Send) => {
  const { run } = buildGateway({ modules, store, connect: () => send });
  return async (document: string, asking: Asking = {}, variables: Readonly<Record<string, unknown>> = {}) => {
    const parsed = parse(document);
    const [operation] = parsed.definitions;
    if (operation?.kind !== 'OperationDefinition') throw new Error('The document must begin with its operation.');
    const { headers = {}, principal = ANONYMOUS, clientAddress = '127.0.0.1', memory } = asking;
    const request: RequestContext = {
      ...anonymousRequest(),
      principal,
      headers,
      clientAddress,
      ...(memory && { memory }),
    };
    return run({ document: parsed, operation, variables }, request);
  };
};

const Rows = z.array(z.looseObject({ id: z.string() }));

export type Forward = NonNullable<Parameters<typeof rest>[0]>['forward'];

export interface NotesOptions {
  readonly forward?: Forward;
  readonly cache?: { readonly ttlMs: number; readonly scope?: 'private' | 'public' };
  readonly maxSize?: number;
}

/** Notes that name the user they were read for. */
export const notesModule = ({ forward, cache = { ttlMs: 60_000 }, maxSize = 1_000 }: NotesOptions = {}) =>
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  defineBackend<any>()({
    name: 'notes',
    typeDefs: typeDefs(`
      type Query { notes(ids: [ID!]!): [Note] }
      type Mutation { write(id: ID!): Note }
      type Note { id: ID! reader: String }
    `),
    upstreams: { api: rest(forward === undefined ? {} : { forward }) },
    loaders: ({ api }) => ({
      noteById: batch(
        async (ids: readonly string[]) =>
          byKey(await api.get('/notes', { query: { ids: ids.join(',') }, response: Rows }), 'id'),
        { cache, maxSize },
      ),
    }),
    resolvers: {
      Query: { notes: (_root, { ids }, { loaders }) => ids.map((id: string) => loaders.noteById.load(id)) },
      Mutation: { write: (_root, { id }, { loaders }) => loaders.noteById.load(id) },
    },
  });

export const idsIn = ({ message }: Call): string[] =>
  message.protocol === 'rest' ? (new URLSearchParams(message.target.split('?')[1]).get('ids') ?? '').split(',') : [];

/** Records its requests; `rows` creates the answer to each. */
export const notesBackend = (
  rows: (call: Call, id: string) => unknown = (_call, id) => ({ id, reader: 'anybody' }),
) => {
  const calls: Call[] = [];
  const send: Send = async (call) => {
    calls.push(call);
    const value = idsIn(call)
      .map((id) => rows(call, id))
      .filter((row) => row !== null);
    return { status: 200, headers: {}, size: 0, value };
  };
  return { calls, send };
};
