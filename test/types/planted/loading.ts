import type { Mistake } from './planted.ts';

/** Mistakes in loaders and loaded fields. */
export const LOADING: readonly Mistake[] = [
  {
    what: 'an unknown loader',
    from: "stock: loaded('stockById', 'id'),",
    to: "stock: loaded('stocksById', 'id'),",
    says: 'Product.stock: unknown loader stocksById',
  },
  {
    what: 'an unknown field of the parent',
    from: "stock: loaded('stockById', 'id'),",
    to: "stock: loaded('stockById', 'sku'),",
    says: "Product.stock: loaded('stockById'): the parent has no sku",
  },
  {
    what: 'a key of another type',
    from: "stock: loaded('stockById', 'id'),",
    to: "stock: loaded('weightByNumber', 'id'),",
    says: "Product.stock: loaded('weightByNumber'): id is string, not number",
  },
  {
    what: 'fields that do not form a key',
    from: "['id', 'shelfCode']",
    to: "['id', 'shelf']",
    says: "Product.shelf: loaded('shelfByPlace'): its key.shelfCode is missing",
  },
  {
    what: 'fields for a scalar key',
    from: "stock: loaded('stockById', 'id'),",
    to: "stock: loaded('stockById', ['id']),",
    says: "Product.stock: loaded('stockById'): its key is an object, not a scalar",
  },
  {
    what: 'a function that returns another key',
    from: '({ id }) => Number(id)',
    to: '({ id }) => id',
    says: "Product.worth: loaded('weightByNumber'): its key is string, not number",
  },
  {
    what: 'a function that reads an unknown field of the parent',
    from: '({ id }) => Number(id)',
    to: '({ number }) => number',
    says: "Property 'number' does not exist",
  },
  {
    what: 'rows of another type',
    from: "inStock: loaded('stockById', 'id', (stock) => (stock?.available ?? 0) > 0),",
    to: "inStock: loaded('stockById', 'id'),",
    says: "Product.inStock: loaded('stockById'): the result is an object, not boolean",
  },
  {
    what: 'a map to another type',
    from: '(stock) => (stock?.available ?? 0) > 0',
    to: '(stock) => String(stock?.available)',
    says: "Product.inStock: loaded('stockById'): the result is string, not boolean",
  },
  {
    what: 'a map that reads an unknown field of the row',
    from: '(stock) => (stock?.available ?? 0) > 0',
    to: '(stock) => (stock?.units ?? 0) > 0',
    says: "Property 'units' does not exist",
  },
  {
    what: 'a map that ignores missing rows',
    from: '(stock) => (stock?.available ?? 0) > 0',
    to: '(stock) => stock.available > 0',
    says: "'stock' is possibly 'null'.",
  },
  {
    what: 'an unknown client',
    from: 'loaders: ({ stock, reports }) => ({',
    to: 'loaders: ({ stocks: stock, reports }) => ({',
    says: "Property 'stocks' does not exist",
  },
  {
    what: 'a message with a field of another type',
    from: 'stock.batchGetStock({ productIds })',
    to: 'stock.batchGetStock({ productIds: 5 })',
    says: "Type 'number' is not assignable to type 'readonly string[]'.",
  },
  {
    what: 'a missing await',
    from: '(await stock.batchGetStock({ productIds })).stocks',
    to: 'stock.batchGetStock({ productIds }).stocks',
    says: "Property 'stocks' does not exist",
  },
  {
    what: 'rows keyed by an unknown field',
    from: ".stocks, 'productId'),",
    to: ".stocks, 'id'),",
    says: `Argument of type '"id"' is not assignable to parameter of type 'RowKeyOf<StockMessage>'.`,
  },
  {
    what: 'rows keyed by a field of another type',
    from: ".stocks, 'productId'),",
    to: ".stocks, 'available'),",
    says: 'a key of the answer is number, not string',
  },
  {
    what: 'an unknown option',
    from: '{ maxSize: 500 },',
    to: '{ max: 500 },',
    says: 'batch has no option max',
  },
  {
    what: 'a list instead of a Map',
    from: 'new Map(ids.map((id) => [id, { id }]))',
    to: 'ids.map((id) => ({ id }))',
    says: 'the answer is not a Map: use byKey, groupBy or a Map',
  },
  {
    what: 'a Map of other keys',
    from: 'new Map(ids.map((id) => [id, { id }]))',
    to: 'new Map(ids.map((id) => [Number(id), { id }]))',
    says: 'a key of the answer is number, not string',
  },
  {
    what: 'an object key without a scalar',
    from: '      { key: shelfOf },\n',
    to: '',
    at: 'async (places',
    says: 'a key that is an object needs the option `key`',
  },
  {
    what: 'a loader that is not a batch',
    from: 'batch(async (ids: readonly string[]) => new Map(ids.map((id) => [id, { id }])))',
    to: 'async (ids: readonly string[]) => new Map(ids.map((id) => [id, { id }]))',
    says: 'loaders.productById: not a batch(…)',
  },
  {
    what: 'a batch that is not async',
    from: 'batch(async (ids: readonly string[])',
    to: 'batch((ids: readonly string[])',
    says: 'the answer is not a Map: use byKey, groupBy or a Map',
  },
];
