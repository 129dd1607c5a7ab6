import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { INVENTORY_PROTO } from '../../test/support/grpc/grpc-server.ts';
import { loadProto } from './load-proto.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-proto-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (name: string, source: string): string => {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
};

test('a service lists its unary methods with name, path, route and idempotency', () => {
  const { name, methods, streaming } = loadProto(INVENTORY_PROTO).service('inventory.v1.Inventory');
  expect(name).toBe('inventory.v1.Inventory');
  expect(streaming).toEqual([]);
  expect(methods.map(({ name, path, route, idempotent }) => ({ name, path, route, idempotent }))).toEqual([
    {
      name: 'batchGetStock',
      path: '/inventory.v1.Inventory/BatchGetStock',
      route: 'inventory.v1.Inventory/BatchGetStock',
      idempotent: true,
    },
    expect.objectContaining({ name: 'listLowStock', idempotent: true }),
    expect.objectContaining({ name: 'reserve', idempotent: false }),
  ]);
});

test('methods are listed by their answer: one message, or a stream', () => {
  const path = written(
    'stream.proto',
    `syntax = "proto3"; package s.v1; message M {}
     service S {
       rpc Up(stream M) returns (M); rpc Down(M) returns (stream M) { option idempotency_level = NO_SIDE_EFFECTS; }
       rpc Both(stream M) returns (stream M);
       rpc One(M) returns (M) { option idempotency_level = IDEMPOTENT; }
     }`,
  );
  const { methods, streaming } = loadProto(path).service('s.v1.S');
  expect(methods).toMatchObject([
    { name: 'up', streaming: false, clientStreams: true },
    { name: 'one', streaming: false, clientStreams: false, idempotent: true, safe: false },
  ]);
  expect(streaming).toMatchObject([
    { name: 'down', streaming: true, clientStreams: false, path: '/s.v1.S/Down', idempotent: true, safe: true },
    { name: 'both', streaming: true, clientStreams: true },
  ]);
});

test("imports are found next to the file, and Google's without a copy", () => {
  written('shared.proto', 'syntax = "proto3"; package shop; message Money { int64 units = 1; }');
  const path = written(
    'prices.proto',
    `syntax = "proto3"; package prices.v1;
     import "shared.proto"; import "google/protobuf/timestamp.proto"; import "google/api/annotations.proto";
     message Price { shop.Money amount = 1; google.protobuf.Timestamp since = 2; }
     service Prices { rpc Get(Price) returns (Price) { option (google.api.http) = { get: "/v1/price" }; } }`,
  );
  const [get] = loadProto(path).service('prices.v1.Prices').methods;
  const bytes = get?.encode({ amount: { units: '12' }, since: new Date(1_700_000_000_000) });
  expect(get?.decode(bytes ?? new Uint8Array())).toEqual({
    amount: { units: '12' },
    since: '2023-11-14T22:13:20Z',
  });
});

test.each([
  [
    'syntax.proto',
    'syntax = "proto3"; message A { string x = ; }',
    /syntax\.proto:1:43: Expected field number\. Correct/,
  ],
  [
    'import.proto',
    'syntax = "proto3"; import "nowhere.proto";',
    /import\.proto:1:20: "nowhere\.proto" was not found; imports are searched in .*\. Correct the path, or add/,
  ],
  ['type.proto', 'syntax = "proto3"; message A { Lost x = 1; }', /type\.proto:1:32: "Lost" is not defined\. Define it/],
  [
    'id.proto',
    'syntax = "proto3"; message A { string x = 1; string y = 1; }',
    /id\.proto:1:57: Field number 1 has already been used/,
  ],
])('a problem in %s is reported with its file and fix', (name, source, message) => {
  expect(() => loadProto(written(name, source))).toThrow(message);
});

test('a missing file and an unknown service are reported with the existing ones', () => {
  expect(() => loadProto(join(folder, 'none.proto'))).toThrow(/none\.proto: there is no such file/);
  expect(() => loadProto(INVENTORY_PROTO).service('Inventory')).toThrow(
    `${basename(INVENTORY_PROTO)}: no service Inventory. Use one of: inventory.v1.Inventory.`,
  );
});
