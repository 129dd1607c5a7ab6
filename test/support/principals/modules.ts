import type { StandardSchemaV1 } from '@standard-schema/spec';
import { GraphQLScalarType } from 'graphql';
import { batch, byKey, defineBackend, rest } from 'tributary/backend';
import { z } from 'zod';
import accounts from '../../../schema/accounts/index.ts';
import catalog from '../../../schema/catalog/index.ts';
import inventory from '../../../schema/inventory/index.ts';
import orders from '../../../schema/orders/index.ts';
import { markOf } from '../../../services-mock/stamp.ts';
import type { AnyField, SchemaModule } from '../../../src/backend/define/module.ts';
import { isEnumeration } from '../../../src/backend/define/scalars/enumeration.ts';
import type { RestClient } from '../../../src/backend/rest/rest-client.ts';

const KEPT_MS = 60_000;
/** Longer than any run: backends may be slow under this load, and latency is not tested here. */
const TIMEOUT_MS = 90_000;

const mapped = <In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

/** The module with identity forwarded to its upstreams and everything cached. */
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

/** Records with their marks, which a schema would drop as unknown. */
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

// biome-ignore lint/suspicious/noExplicitAny: see its use
type Anything = any;

type Clients = Readonly<Record<string, unknown>>;

const markedClients = (clients: Clients): Clients =>
  mapped(clients, (client) => {
    // For modules with REST upstreams only.
    const restClient = client as RestClient;
    // Adds a property that the type does not have.
    const get: Anything = (template: string, options: { readonly response: StandardSchemaV1 }) =>
      restClient.get(template, { ...options, response: keepingMarks(options.response) });
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

/** Orders have no text that could carry a mark, so each has a field of its own for it. */
const ordersWithMarks: SchemaModule = {
  ...orders,
  typeDefs: { ...orders.typeDefs, text: orders.typeDefs.text.replace('type Order {', '$&\n  servedTo: String!') },
  loaders: (clients) => orders.loaders(markedClients(clients)),
  resolvers: { ...orders.resolvers, Query: mapped(fieldsOf(orders, 'Query'), withMarkedClients) },
};

/** Prefix of public texts. */
export const PUBLIC = 'For everybody: ';

const Product = z.object({ id: z.string(), name: z.string() });

/** The only module without forwarded identity, so that whole answers may be cached. */
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

/** The root field with public data only. */
export const PUBLIC_ROOT = 'leaflet';

/** The shop, with identity forwarded to its backends and everything cached. */
export const MODULES: readonly SchemaModule[] = [
  ...[accounts, catalog, inventory, ordersWithMarks].map(personal),
  leaflets,
];
