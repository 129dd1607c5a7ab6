/** A variation of the module without a mistake. */
export interface Variation {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  /** Another text and what takes its place. */
  readonly also?: readonly [from: string, to: string];
}

const PRODUCT = 'product: (_root, { id }) => ({ id }),';
const STOCK = "stock: loaded('stockById', 'id'),";
const IN_STOCK = "inStock: loaded('stockById', 'id', (stock) => (stock?.available ?? 0) > 0),";
const BY_ID = 'batch(async (ids: readonly string[]) => new Map(ids.map((id) => [id, { id }])))';
const GUARD = "(parcel, { principal }) => principal.kind === 'user' && parcel.productId === principal.subject,";

/** Values that variations use, instead of `const shelfOf` in the module. */
export const SHARED = `const productOf = (_root: unknown, { id }: { readonly id: string }) => ({ id });
const STOCK = loaded('stockById', 'id');
const shelfOf`;

export const VALID: readonly Variation[] = [
  { what: 'the module itself', from: '', to: '' },
  { what: 'a promise of a row', from: PRODUCT, to: 'product: (_root, { id }) => Promise.resolve({ id }),' },
  { what: 'null for a nullable field', from: PRODUCT, to: 'product: async () => null,' },
  { what: 'a resolver without parameters', from: PRODUCT, to: "product: () => ({ id: 'p1' })," },
  { what: 'a method', from: PRODUCT, to: 'product(_root, { id }) {\n        return { id };\n      },' },
  { what: 'a function', from: PRODUCT, to: 'product: function (_root, { id }) {\n        return { id };\n      },' },
  {
    what: 'annotated parameters',
    from: PRODUCT,
    to: 'product: (_root: unknown, { id }: { readonly id: string }) => ({ id }),',
  },
  { what: 'a row with more fields', from: PRODUCT, to: 'product: (_root, { id }) => ({ id, more: { a: 1 } }),' },
  {
    what: 'a row with nested fields',
    from: PRODUCT,
    to: "product: (_root, { id }) => ({ id, stock: { available: 1, warehouse: 'W' }, offers: [] }),",
  },
  {
    what: 'one of several results',
    from: PRODUCT,
    to: "product: (_root, { id }) => (id === 'p1' ? { id } : id === 'p2' ? null : notFound('No such product.')),",
  },
  {
    what: 'a failure that is thrown',
    from: "return fail('OUT_OF_STOCK', { available: answer.available });",
    to: "throw fail('OUT_OF_STOCK');",
  },
  {
    what: 'one failure of two',
    from: "return fail('OUT_OF_STOCK', { available: answer.available });",
    to: "return answer.available > 0 ? fail('OUT_OF_STOCK') : forbidden('Not for you.');",
  },
  { what: 'a value of type any', from: PRODUCT, to: 'product: (_root, { id }) => JSON.parse(id),' },
  { what: 'info', from: PRODUCT, to: 'product: (_root, _args, _context, info) => ({ id: info.fieldName }),' },
  {
    what: 'a list that is read-only',
    from: "(size === 'LARGE' ? [[1, 2], [3]] : [[1]])",
    to: '[[1], [size.length]] as const',
  },
  {
    what: 'members of a union from two functions',
    from: "          { __typename: 'Product', id: text },",
    to: "          ...[text].map((id) => ({ __typename: 'Product' as const, id })),",
  },
  {
    what: 'a value of an enum by a condition',
    from: 'state: ({ stateCode }) => stateCode,',
    to: 'state: ({ stateCode, sentAt }) => (sentAt === null ? 1 : stateCode),',
  },
  {
    what: 'a value of an enum that is a literal',
    from: 'state: ({ stateCode }) => stateCode,',
    to: 'state: async () => 2,\n      size: async ({ stateCode }) => (stateCode === 1 ? "SMALL" : null),',
  },
  {
    what: 'a name of an enum',
    from: 'state: ({ stateCode }) => stateCode,',
    to: "state: ({ stateCode }) => stateCode,\n      size: () => 'SMALL',",
  },
  {
    what: 'any value for a scalar of the module',
    from: "worth: loaded('weightByNumber', ({ id }) => Number(id)),",
    to: 'worth: () => ({ cents: 5 }),',
  },
  {
    what: 'a map of its row and parent',
    from: IN_STOCK,
    to: "inStock: loaded('stockById', 'id', (stock, { id }) => stock?.warehouse === id),",
  },
  { what: 'a key from a function', from: STOCK, to: "stock: loaded('stockById', ({ id }) => id)," },
  {
    what: 'a key that may be null',
    from: STOCK,
    to: "stock: loaded('stockById', ({ id }) => (id === '' ? null : id)),",
  },
  {
    what: 'a key from a function that makes an object',
    from: "['id', 'shelfCode']",
    to: '({ id, shelfCode }) => ({ id, shelfCode })',
  },
  {
    what: 'a map of a list',
    from: 'offers: async ({ id }, { first }, { loaders }) =>\n        (await loaders.offersOfProduct.load(id)).slice(0, first),',
    to: "offers: loaded('offersOfProduct', 'id', (offers) => offers.map(({ sku, region }) => ({ sku, region }))),",
  },
  {
    what: 'a map to null',
    from: STOCK,
    to: "stock: loaded('stockById', 'id', (stock) => (stock === null || stock.available === 0 ? null : stock)),",
  },
  {
    what: 'a map with a block',
    from: IN_STOCK,
    to: "inStock: loaded('stockById', 'id', (stock) => {\n        if (stock === null) return false;\n        return stock.available > 0;\n      }),",
  },
  {
    what: 'a resolver that loads',
    from: STOCK,
    to: 'stock: ({ id }, _args, { loaders }) => loaders.stockById.load(id),',
  },
  {
    what: 'a resolver that loads many',
    from: PRODUCT,
    to: 'product: async (_root, { id }, { loaders }) => (await loaders.productById.loadMany([id])).flatMap((row) => (row instanceof Error || row === null ? [] : [row]))[0] ?? null,',
  },
  {
    what: 'a batch by its clients only',
    from: BY_ID,
    to: 'batch(async (ids: readonly string[]) => byKey((await stock.batchGetStock({ productIds: [...ids] })).stocks.map(({ productId }) => ({ id: productId })), ({ id }) => id))',
  },
  {
    what: 'a batch that is kept',
    from: BY_ID,
    to: BY_ID.replace(/\)$/, ", { cache: { ttlMs: 1_000, scope: 'public' } })"),
  },
  {
    what: 'a batch with errors for keys',
    from: BY_ID,
    to: "batch(async (ids: readonly string[]) => new Map(ids.map((id) => [id, id === '' ? new Error('no id') : { id }])))",
  },
  {
    what: 'a batch with an object of its own',
    from: BY_ID,
    to: 'batch(async (ids: readonly string[]) => ({ get: (id: string) => (ids.includes(id) ? { id } : undefined) }))',
  },
  {
    what: 'a batch in a function',
    from: BY_ID,
    to: 'batch((ids: readonly string[]) => Promise.resolve(new Map(ids.map((id) => [id, { id }]))))',
  },
  {
    what: 'an object key by a function of its own',
    from: '      { key: shelfOf },\n',
    to: '      { key: ({ id, shelfCode }) => shelfCode + id, maxSize: 5 },\n',
  },
  { what: 'no merge.load', from: "      load: 'productById',\n", to: '' },
  { what: 'a merge that is kept', from: "load: 'productById',", to: "load: 'productById', cache: { ttlMs: 1_000 }," },
  {
    what: 'several keys',
    from: "key: ['sku', 'region'],",
    to: "keys: [{ key: ['sku', 'region'] }, { key: ['sku'], load: 'offerBySku', cache: { ttlMs: 1_000 } }],",
  },
  { what: 'a composite key of one field', from: "key: ['sku', 'region'],", to: "key: ['sku']," },
  {
    what: 'a composite key with a loader of a part',
    from: "key: ['sku', 'region'],",
    to: "key: ['sku', 'region'],\n      load: 'offerBySku',",
  },
  { what: 'a guard with a parent and arguments', from: GUARD, to: '(parcel, _context, { id }) => parcel.id === id,' },
  { what: 'a guard that is async', from: GUARD, to: 'async (parcel) => parcel.stateCode === 1,' },
  {
    what: 'a guard of a resolver with a block',
    from: "(_root, { id }, { clients }) =>\n          clients.reports.get('/parcels/{id}', {\n            path: { id },\n            response: Parcel,\n          }),",
    to: "async (_root, { id }, { clients }) => {\n          const parcel = await clients.reports.get('/parcels/{id}', { path: { id }, response: Parcel });\n          return parcel.size === 'LARGE' ? null : parcel;\n        },",
  },
  {
    what: 'a page',
    from: PRODUCT,
    to: "product: async (_root, { id }, { clients }) => {\n        const page = await clients.reports.getPage('/products', { query: { after: id }, response: z.array(LowStock) });\n        return { id: page.next?.get('after') ?? page.value[0]?.productId ?? id };\n      },",
  },
  {
    what: 'a POST',
    from: PRODUCT,
    to: "product: async (_root, { id }, { clients }) =>\n        clients.reports.post('/products/{id}/touch', { path: { id }, headers: { 'x-a': 'b' }, body: { id }, idempotencyKey: id, response: z.object({ id: z.string() }) }),",
  },
  {
    what: 'a form, a matrix parameter and text',
    from: PRODUCT,
    to: "product: async (_root, { id }, { clients }) => {\n        const text = await clients.reports.post('/products{;ids}', { path: { ids: [1, id] }, form: { a: [{ b: id }] }, as: 'text' });\n        return { id: text.trim() };\n      },",
  },
  {
    what: 'a whole answer and a stream of bytes',
    from: PRODUCT,
    to: "product: async (_root, { id }, { clients }) => {\n        const { value, location } = await clients.reports.put.full('/products/{id}', { path: { id }, bytes: new Uint8Array(1), as: 'stream' });\n        for await (const chunk of value) return { id: location ?? String(chunk.length) };\n        return null;\n      },",
  },
  {
    what: 'a conditional read',
    from: PRODUCT,
    to: "product: async (_root, { id }, { clients }) => {\n        const { value, headers } = await clients.reports.get.full('/products/{id}', { path: { id }, headers: { 'if-none-match': id }, response: z.object({ id: z.string() }) });\n        return value === undefined ? { id: headers.etag ?? id } : { id: value.id };\n      },",
  },
  {
    what: 'a poll',
    from: PRODUCT,
    to: "product: async (_root, { id }, { clients, poll }) => {\n        const { value } = await poll({\n          read: () => clients.reports.get.full('/products/{id}', { path: { id }, response: z.object({ id: z.string(), done: z.boolean() }) }),\n          isDone: (answer) => answer.value.done,\n          every: { startMs: 200 },\n        });\n        return { id: value.id };\n      },",
  },
  {
    what: 'resolvers of an interface',
    from: '    Size: enumeration(',
    to: "    Event: {\n      at: ({ at }, _args, { principal }) => (principal.kind === 'user' && at) || '2026-01-01T00:00:00Z',\n    },\n    Size: enumeration(",
  },
  {
    what: 'a row without a field that an interface resolves',
    from: '    Size: enumeration(',
    to: "    Event: { at: (event) => ('gate' in event ? '2026-01-01T00:00:00Z' : new Date()) },\n    Size: enumeration(",
    also: [
      'interface Rows {',
      'interface Rows {\n  readonly Departure: { readonly gate: string; readonly parcel: null };',
    ],
  },
  {
    what: 'a namespace',
    from: '    Offer: {\n      key:',
    to: '    ReserveStockResult: { key: [] },\n    Offer: {\n      key:',
  },
  {
    what: 'options that are shared',
    from: PRODUCT,
    to: "product: async (_root, { id }, { clients }) => {\n        const options = { path: { id }, response: z.object({ id: z.string() }) };\n        return clients.reports.get('/products/{id}', { ...options, query: { a: [1, 2], b: true, c: null, d: undefined } });\n      },",
  },
  {
    what: 'a path of two parameters',
    from: PRODUCT,
    to: "product: (_root, { id }, { clients }) => clients.reports.delete('/a/{a}/b/{b}', { path: { a: 1, b: id }, response: z.object({ id: z.string() }) }),",
  },
  {
    what: 'a template that is not a literal',
    from: PRODUCT,
    to: "product: (_root, { id }, { clients }) => clients.reports.get('/products/'.concat(id), { response: z.object({ id: z.string() }) }),",
  },
  {
    what: 'a stream',
    from: PRODUCT,
    to: 'product: async (_root, _args, { clients }) => {\n        for await (const { productId } of clients.stock.watchStock({ below: 5 })) return { id: productId };\n        return null;\n      },',
  },
  { what: 'metadata', from: '{ idempotencyKey: input.clientMutationId }', to: "{ metadata: { region: 'eu' } }" },
  {
    what: 'an upstream that nothing calls',
    from: '    reports: rest({',
    to: '    other: rest(),\n    reports: rest({',
  },
  {
    what: 'no policy that is a function',
    from: "'own-parcel': (principal, { id }) => principal.kind === 'user' && id === principal.subject,\n",
    to: '',
  },
  {
    what: 'a policy that is async',
    from: "(principal, { id }) => principal.kind === 'user' && id === principal.subject",
    to: 'async () => true',
  },
  {
    what: 'an enum by its names without an enumeration',
    from: "    Size: enumeration({ SMALL: 'SMALL', LARGE: 'LARGE' }),\n",
    to: '',
  },
  {
    what: 'a row that is an interface',
    from: 'readonly Parcel: z.infer<typeof Parcel>;',
    to: "readonly Parcel: { readonly id: string; readonly stateCode: 1 | 2; readonly size?: 'SMALL' | 'LARGE' | null | undefined; readonly sentAt: string | null; readonly productId: string };",
  },
  {
    what: 'a row with a number for a String, and methods',
    from: 'readonly State: 1 | 2;',
    to: 'readonly State: 1 | 2;\n  readonly Departure: { readonly gate: number; at(): Promise<Date>; readonly parcel?: undefined };',
  },
  {
    what: 'a row of which little is known',
    from: 'readonly State: 1 | 2;',
    to: 'readonly State: 1 | 2;\n  readonly Departure: Readonly<Record<string, unknown>>;',
  },
  {
    what: 'resolvers of a type that are shared',
    from: '    Parcel: {\n      state',
    to: '    Shelf: { ...{ label: () => "A" } },\n    Parcel: {\n      state',
  },
  { what: 'a resolver from elsewhere', from: PRODUCT, to: 'product: productOf,' },
  { what: 'a loaded field from elsewhere', from: STOCK, to: 'stock: STOCK,' },
  {
    what: 'references by key of an entity whose rows have more fields',
    from: 'readonly State: 1 | 2;',
    to: 'readonly State: 1 | 2;\n  readonly Product: { readonly id: string; readonly title: string };',
    also: ['new Map(ids.map((id) => [id, { id }]))', "new Map(ids.map((id) => [id, { id, title: 'A' }]))"],
  },
  {
    what: 'an undefined property for null',
    from: PRODUCT,
    to: 'product: (_root, { id }) => ({ id, deliveryDays: undefined }),',
  },
];
