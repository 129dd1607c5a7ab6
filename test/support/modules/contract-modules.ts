import { batch, byKey, defineBackend, fail, grpc, loaded, rest, UpstreamError } from 'tributary/backend';
import { z } from 'zod';
import { define, typeDefs } from './small-modules.ts';

type RestOptions = NonNullable<Parameters<typeof rest>[0]>;
type GrpcOptions = Omit<Parameters<typeof grpc>[0], 'proto' | 'service'>;

interface WithId {
  readonly id: string;
}

/** Generated types of contract-shelf.proto, written by hand. */
interface ShelfSchema {
  // biome-ignore lint/suspicious/noExplicitAny: objects this small need no generated types
  readonly objects: any;
  readonly abstracts: Readonly<Record<string, string>>;
  readonly enums: Readonly<Record<string, never>>;
  readonly scalars: string;
  readonly needs: Readonly<Record<string, never>>;
  readonly services: {
    readonly 'contract.v1.Shelf': {
      readonly getRecord: { readonly request: WithId; readonly response: WithId };
      readonly batchGetRecords: {
        readonly request: { readonly ids: readonly string[] };
        readonly response: { readonly records: readonly WithId[] };
      };
      readonly pressRecord: { readonly request: WithId; readonly response: WithId };
    };
  };
}

const Sheet = z.object({ id: z.string() });

/** Code that clients receive for this refusal of the backend. */
const soldOut = (error: unknown) => {
  if (error instanceof UpstreamError && error.code === 'CONFLICT') return fail('SOLD_OUT', { left: 0 });
  throw error;
};

/**
 * A REST backend called in three ways, each on a separate upstream, so that failures of one do not count for another:
 * `sheet` by a client's call, `folder.sheet` by a loader's key, `saveSheet` by a write. `sellSheet` maps a conflict to
 * a declared error.
 */
export const paper = (options: RestOptions = {}) =>
  define({
    name: 'paper',
    typeDefs: typeDefs(`
      type Query { sheet(id: ID!): Sheet  folder: Folder! }
      type Mutation { saveSheet(id: ID!): Sheet  mustSaveSheet(id: ID!): Sheet!  sellSheet(id: ID!): Sheet }
      type Folder { id: ID!  sheet: Sheet }
      type Sheet { id: ID! }`),
    errors: { SOLD_OUT: 'There is none left.' },
    upstreams: { calls: rest(options), keys: rest(options), writes: rest(options) },
    loaders: ({ keys }) => ({
      sheetById: batch(async (ids: readonly string[]) =>
        byKey(await keys.get('/sheets', { query: { ids: ids.join(',') }, response: z.array(Sheet) }), 'id'),
      ),
    }),
    resolvers: {
      Query: {
        sheet: (_root, { id }, { clients }) => clients.calls.get('/sheets/{id}', { path: { id }, response: Sheet }),
        folder: () => ({ id: 'f1' }),
      },
      Folder: { sheet: loaded('sheetById', () => 's1') },
      Mutation: {
        saveSheet: (_root, { id }, { clients }) => clients.writes.post('/sheets', { body: { id }, response: Sheet }),
        mustSaveSheet: (_root, { id }, { clients }) =>
          clients.writes.post('/sheets', { body: { id }, response: Sheet }),
        sellSheet: (_root, { id }, { clients }) =>
          clients.writes.post('/sheets', { body: { id }, response: Sheet }).catch(soldOut),
      },
    },
  });

/** The same over gRPC: `record`, `crate.record`, `pressRecord`, `sellRecord`. */
export const shelf = (options: GrpcOptions = {}) => {
  const upstream = grpc({ proto: './contract-shelf.proto', service: 'contract.v1.Shelf', ...options });
  return defineBackend<ShelfSchema>()({
    name: 'shelf',
    typeDefs: {
      text: `
      type Query { record(id: ID!): Record  crate: Crate! }
      type Mutation { pressRecord(id: ID!): Record  mustPressRecord(id: ID!): Record!  sellRecord(id: ID!): Record }
      type Crate { id: ID!  record: Record }
      type Record { id: ID!  format: Format  plays: String }
      enum Format { FORMAT_UNSPECIFIED SINGLE ALBUM }`,
      file: import.meta.filename,
    },
    errors: { SOLD_OUT: 'There is none left.' },
    upstreams: { calls: upstream, keys: upstream, writes: upstream },
    loaders: ({ keys }) => ({
      recordById: batch(async (ids: readonly string[]) => byKey((await keys.batchGetRecords({ ids })).records, 'id')),
    }),
    resolvers: {
      Query: {
        record: (_root, { id }, { clients }) => clients.calls.getRecord({ id }),
        crate: () => ({ id: 'c1' }),
      },
      Crate: { record: loaded('recordById', () => 'r1') },
      Mutation: {
        pressRecord: (_root, { id }, { clients }) => clients.writes.pressRecord({ id }),
        mustPressRecord: (_root, { id }, { clients }) => clients.writes.pressRecord({ id }),
        sellRecord: (_root, { id }, { clients }) => clients.writes.pressRecord({ id }).catch(soldOut),
      },
    },
  });
};
