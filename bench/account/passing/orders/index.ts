import { defineBackend, pass, rest } from '../../../../src/backend/index.ts';

/** A schema module with one pass-through route to the backend of orders. */
const text: string = 'type Query { nothing: Int }';
// biome-ignore lint/style/noDefaultExport: a schema module
export default defineBackend()({
  name: 'orders',
  typeDefs: { text, file: import.meta.filename },
  upstreams: { orders: rest() },
  routes: { 'GET /orders': pass('orders') },
  resolvers: { Query: { nothing: () => null } },
});
