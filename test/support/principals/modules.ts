import type { StandardSchemaV1 } from '@standard-schema/spec';
import { GraphQLScalarType } from 'graphql';
import { batch, byKey, defineBackend, rest } from 'tributary/backend';
import { z } from 'zod';
import accounts from '../../../schema/accounts/index.ts';
import catalog from '../../../schema/catalog/index.ts';
import inventory from '../../../schema/inventory/index.ts';
import orders from '../../../schema/orders/index.ts';
import { markOf } from '../../../services-mock/stamp.ts';
import { isEnumeration } from '../../../src/backend/enumeration.ts';
import type { AnyField, SchemaModule } from '../../../src/backend/module.ts';
import type { RestClient } from '../../../src/backend/rest-client.ts';

const KEPT_MS = 60_000;
/** Longer than any run: under such a load a backend may be slow, which is not what is asked here. */
const TIMEOUT_MS = 30_000;

const mapped = <In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

/** The module as it is, except that its upstreams are told who asks, and that all it gives may be kept. */
const personal = (module: SchemaModule): SchemaModule => ({
  ...module,
  typeDefs: {
    ...module.typeDefs,
    text: module.typeDefs.text.replaceAll(/^type (?!Query|Mutation)(\w+) \{/gm, 'type $1 @cacheControl(maxAge: 60) {'),
  },
  upstreams: mapped(module.upstreams, (upstream) => ({
    ...upstream,
    timeoutMs: TIMEOUT_MS,
    forward: { identity: 'token' as const },
  })),
  loaders: (clients) => mapped(module.loaders(clients), (loader) => ({ ...loader, cache: { ttlMs: KEPT_MS } })),
});

const markOfRecord = (raw: unknown): string => {
  const subject: unknown = Reflect.get(Object(raw), 'servedTo');
  return `Served to${markOf(typeof subject === 'string' ? subject : null)}`;
};

/** Records with the marks that they came with, which a schema would take for unknown and leave out. */
const withMarks = (raw: unknown, records: unknown): unknown =>
  Array.isArray(raw) && Array.isArray(records)
    ? records.map((record, at) => withMarks(raw[at], record))
    : { ...Object(records), servedTo: markOfRecord(raw) };

const keepingMarks = (schema: StandardSchemaV1): StandardSchemaV1 => ({
  '~standard': {
    version: 1,
    vendor: 'tributary',
    validate: async (raw) => {
      const result = await schema['~standard'].validate(raw);
      return result.issues === undefined ? { value: withMarks(raw, result.value) } : result;
    },
  },
});

type Clients = Readonly<Record<string, unknown>>;

const markedClients = (clients: Clients): Clients =>
  mapped(clients, (client) => {
    // Only for modules whose upstreams all speak REST.
    const restClient = client as RestClient;
    const get: RestClient['get'] = (template, options) =>
      // What is added to the answer is beside what its type says.
      restClient.get(template, { ...options, response: keepingMarks(options.response) }) as Promise<never>;
    return { ...restClient, get };
  });

const withMarkedClients = (field: AnyField): AnyField =>
  typeof field === 'function'
    ? (root, args, context, info) => field(root, args, { ...context, clients: markedClients(context.clients) }, info)
    : field;

const fieldsOf = ({ resolvers }: SchemaModule, type: string): Readonly<Record<string, AnyField>> => {
  const fields = resolvers[type];
  return fields === undefined || fields instanceof GraphQLScalarType || isEnumeration(fields) ? {} : fields;
};

/** Orders have no text that could carry a mark, so each has it in a field of its own. */
const ordersWithMarks: SchemaModule = {
  ...orders,
  typeDefs: { ...orders.typeDefs, text: orders.typeDefs.text.replace('type Order {', '$&\n  servedTo: String!') },
  loaders: (clients) => orders.loaders(markedClients(clients)),
  resolvers: { ...orders.resolvers, Query: mapped(fieldsOf(orders, 'Query'), withMarkedClients) },
};

/** What the text of something public begins with. */
export const PUBLIC = 'For everybody: ';

const Product = z.object({ id: z.string(), name: z.string() });

/** The one module whose upstream is told nothing of the caller, so that there are answers which may be kept whole. */
// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const leaflets: SchemaModule = defineBackend<any>()({
  name: 'leaflets',
  typeDefs: {
    file: import.meta.filename,
    text: `type Query { leaflet(id: ID!): Leaflet }
      type Leaflet @cacheControl(maxAge: 60) { id: ID!  title: String }`,
  },
  upstreams: { products: rest({ timeoutMs: TIMEOUT_MS }) },
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  loaders: ({ products }: any) => ({
    productById: batch(
      async (ids: readonly string[]) => {
        const query = { ids: ids.join(',') };
        return byKey(
          z.array(Product).parse(await products.get('/products', { query, response: z.array(Product) })),
          'id',
        );
      },
      { cache: { ttlMs: KEPT_MS, scope: 'public' } },
    ),
  }),
  resolvers: {
    // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
    Query: { leaflet: (_root: unknown, { id }: { id: string }, { loaders }: any) => loaders.productById.load(id) },
    Leaflet: { title: ({ name }: { name: string }) => PUBLIC + name },
  },
});

/** The root field that asks for nothing but what is everybody's. */
export const PUBLIC_ROOT = 'leaflet';

/** The shop, made to tell its backends who asks and to keep whatever it can. */
export const MODULES: readonly SchemaModule[] = [
  ...[accounts, catalog, inventory, ordersWithMarks].map(personal),
  leaflets,
];
