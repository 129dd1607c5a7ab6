import { join } from 'node:path';
import { expect, test } from 'vitest';
import { discoverModules } from '../../src/app/discover-modules.ts';
import { generateAll } from '../../src/cli/codegen/generate.ts';
import { frame } from '../../src/upstream/grpc/frame.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { rawServer } from '../support/grpc/grpc-server.ts';
import { folderWith } from '../support/modules/module-folder.ts';

const SDL =
  'type Query { stock(id: ID!): Stock }\ntype Stock { id: ID!, available: Int, status: String, addressLine1: String }';

const MONEY = 'syntax = "proto3"; package shop.common.v1; message Money { string currency = 1; }';

const STOCK = `syntax = "proto3";
  package shop.stock.v1;
  import "shop/common/v1/money.proto";
  import "google/api/annotations.proto";
  import "google/type/date.proto";
  service StockService { rpc Get(GetRequest) returns (Stock) { option (google.api.http) = { get: "/v1/stock/{id}" }; } }
  service Other { rpc Get(GetRequest) returns (OnlyOfOther); }
  message OnlyOfOther {}
  message GetRequest { string id = 1; }
  message Stock {
    string id = 1;
    int32 available = 2;
    shop.common.v1.Money price = 3;
    google.type.Date since = 4;
    Status status = 5;
    string address_line_1 = 6;
    message Line { Status status = 1; enum Status { LINE_NEW = 0; LINE_PACKED = 1; } }
  }
  enum Status { UNKNOWN = 0; PAID = 1; }`;

/** available: 7, status: 1, address_line_1: "x" */
const ANSWER = Buffer.from([0x10, 7, 0x28, 1, 0x32, 1, 0x78]);

const indexTs = (options: string, service = 'shop.stock.v1.StockService') => `
  import { defineBackend, grpc, sdl } from 'tributary/backend';
  export default defineBackend<any>()({
    name: 'stock',
    typeDefs: sdl(import.meta.url),
    upstreams: { api: grpc({ ${options}, service: '${service}' }) },
    resolvers: { Query: { stock: async (_root, { id }, { clients }) => ({ ...(await clients.api.get({ id })), id }) } },
  });`;

const withModule = (options: string, protos: Readonly<Record<string, string>>, service?: string): string =>
  join(
    folderWith({ ...protos, 'schema/stock/index.ts': indexTs(options, service), 'schema/stock/schema.graphql': SDL }),
    'schema',
  );

const FILES = { 'shop/common/v1/money.proto': MONEY, 'shop/stock/v1/stock.proto': STOCK };
const below = (root: string) =>
  Object.fromEntries(Object.entries(FILES).map(([path, text]) => [`${root}${path}`, text]));
const ALL = 'syntax = "proto3"; import "shop/stock/v1/stock.proto";';

test.each([
  ['in the module, by paths from its folder', "proto: './shop/stock/v1/stock.proto'", below('schema/stock/')],
  [
    'in a folder of the module, by paths from there',
    "proto: './protos/all.proto'",
    { ...below('schema/stock/protos/'), 'schema/stock/protos/all.proto': ALL },
  ],
  [
    'outside of the module, by paths from the folder of the file',
    "proto: '../../protos/all.proto'",
    { ...below('protos/'), 'protos/all.proto': ALL },
  ],
  [
    'outside of the module, by paths from protoPaths',
    "proto: '../../vendor/shop/stock/v1/stock.proto', protoPaths: ['../../vendor']",
    below('vendor/'),
  ],
  [
    'in protoPaths, and named from there',
    "proto: 'shop/stock/v1/stock.proto', protoPaths: ['../../vendor']",
    below('vendor/'),
  ],
])('codegen and the gateway find .proto files %s', async (_, options, protos) => {
  const schemaDir = withModule(options, protos);
  const { files, problems, warnings } = await generateAll(schemaDir);
  expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
  expect(files[0]?.text).toContain("readonly 'shop.stock.v1.StockService': {");
  expect(files[0]?.text).toContain('readonly status: StatusEnum | number;');
  expect(files[0]?.text).toContain("export type StatusEnum = 'UNKNOWN' | 'PAID';");
  expect(files[0]?.text).not.toMatch(/Other|StockLine/);

  const { modules } = await discoverModules(schemaDir);
  await using server = await rawServer((stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(frame(ANSWER));
  });
  await using gateway = await startGateway({ STOCK_API_ENDPOINTS: `grpc://127.0.0.1:${server.port}` }, modules);
  expect(await gateway.query('{ stock(id: "a") { id available status addressLine1 } }')).toMatchObject({
    data: { stock: { id: 'a', available: 7, status: 'PAID', addressLine1: 'x' } },
    errors: [],
  });
});

test('a service that no file declares, and a missing folder, are reported by codegen and at the start', async () => {
  const unknown = withModule("proto: './shop/stock/v1/stock.proto'", below('schema/stock/'), 'shop.stock.v1.Stok');
  const wrong = 'no service shop.stock.v1.Stok';
  expect((await generateAll(unknown)).problems).toEqual([
    `${unknown}/stock/shop/stock/v1/stock.proto: ${wrong}. Use one of: shop.stock.v1.StockService, shop.stock.v1.Other.`,
  ]);
  const { modules } = await discoverModules(unknown);
  await expect(startGateway({ STOCK_API_ENDPOINTS: 'grpc://127.0.0.1:1' }, modules)).rejects.toThrow(
    `stock/index.ts: upstream api: shop/stock/v1/stock.proto: ${wrong}: use one of`,
  );

  const lost = withModule("proto: './shop/stock/v1/stock.proto', protoPaths: ['../vendor']", below('schema/stock/'));
  const mistake = 'there is no such folder';
  expect((await generateAll(lost)).problems).toEqual([`${lost}/vendor: ${mistake}. Create it, or correct protoPaths.`]);
  const discovered = await discoverModules(lost);
  await expect(startGateway({ STOCK_API_ENDPOINTS: 'grpc://127.0.0.1:1' }, discovered.modules)).rejects.toThrow(
    `stock/index.ts: upstream api: ${lost}/vendor: ${mistake}: create it, or correct protoPaths`,
  );
});
