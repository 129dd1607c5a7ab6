import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { loadProto } from '../../protobuf/load-proto.ts';
import { generateModule } from './generate.ts';
import { testFolder } from './test-folder.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const FIXTURE = join(import.meta.dirname, 'fixture');

const BACKEND = 'export type Source<Rows, Name, FromSdl> = Name extends keyof Rows ? Rows[Name] : FromSdl;';

const TSCONFIG = JSON.stringify({
  extends: './house.json',
  compilerOptions: { types: ['node'], paths: { 'tributary/backend': ['./backend.ts'] } },
  include: ['*.ts'],
});

/** Output of the project's compiler for these files; empty after success. */
const compile = (files: Readonly<Record<string, string>>): string => {
  const folder = testFolder({ 'backend.ts': BACKEND, 'tsconfig.json': TSCONFIG, ...files });
  cpSync(join(ROOT, 'tsconfig.json'), join(folder, 'house.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const tsc = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder], { encoding: 'utf8' });
  return tsc.status === 0 ? '' : `exit ${tsc.status}: ${tsc.stdout}${tsc.stderr}`;
};

const generated = (name: string): string => readFileSync(join(FIXTURE, name, 'schema.generated.ts'), 'utf8');

test('generated files and code that uses them compile under the strictest settings', () => {
  const use = `
    import type { FindBy, OrderSource, PlaceOrderInput, Schema, SearchHitSource } from './shop.ts';
    const items = [{ productId: 'p1', quantity: 1 }];
    export const input: PlaceOrderInput = { customerId: 'c1', items, gift: null, priority: 3 };
    export const order: OrderSource = { id: 'o1', placedAt: new Date(), items: [{ quantity: 1 }], matrix: [[1]] };
    export const hit: SearchHitSource = { __typename: 'Customer', class: 'A' };
    export const found = (by: FindBy): string => by.id ?? String(by.number);
    interface Row { readonly customerNumber: number }
    type OrderFields = Schema<{ Customer: Row }>['objects']['Order']['fields'];
    export const row: OrderFields['customer']['result'] = { customerNumber: 1 };
    type Numbers = { readonly Source: 1 | 2 };
    export const numbered: PlaceOrderInput<Numbers> = { customerId: 'c1', items, gift: null, priority: 3, source: 2 };
    // @ts-expect-error the module knows a source by its number
    export const named: PlaceOrderInput<Numbers> = { customerId: 'c1', items, gift: null, priority: 3, source: 'SHOP' };
    // @ts-expect-error a hit has to say what it is
    export const nameless: SearchHitSource = { class: 'A' };
    // @ts-expect-error an argument without a default may be absent
    export const after = (args: Schema['objects']['Query']['fields']['orders']['args']): string | null => args.after;
    // @ts-expect-error exactly one
    export const both: FindBy = { id: 'o1', number: 1 };
  `;
  expect(compile({ 'shop.ts': generated('shop'), 'warehouse.ts': generated('warehouse'), 'use.ts': use })).toBe('');
});

test('names that clash with the language, the file itself or each other still compile', async () => {
  const folder = testFolder({
    'a/schema.graphql': `
      type Query { a(s: Source, d: Date, i: OrderSource, c: class, m: StockMessage): Order  type: Schema }
      type Order { at: Date!  source: SourceSource }
      type Source_ { source: Schema }
      type SourceSource { a: Source }
      type Schema { rows: Rows, string: string }
      enum Source { A }
      enum Rows { A }
      enum class { A }
      enum string { A }
      input OrderSource { a: Int }
      input StockMessage { a: Int }
    `,
    'a/a.proto': `syntax = "proto3";
      service S { rpc Do(Stock) returns (Stock); rpc Other(A.B) returns (AB); }
      message Stock { Date at = 1; }
      message Date { int32 year = 1; }
      message A { message B { int32 b = 1; } }
      message AB { int32 b = 1; }`,
  });
  expect(compile({ 'a.ts': await generateModule(join(folder, 'a')) })).toBe('');
});

test('a module without object types compiles', async () => {
  const folder = testFolder({ 'a/schema.graphql': 'type Query { a: Int }' });
  expect(compile({ 'a.ts': await generateModule(join(folder, 'a')) })).toBe('');
});

/** An expression with the narrowest type that TypeScript infers. */
const written = (value: unknown): string =>
  inspect(value, { depth: null, breakLength: Number.POSITIVE_INFINITY })
    .replaceAll(/Uint8Array\(\d+\) /g, 'new Uint8Array(')
    .replaceAll(/(new Uint8Array\(\[[^\]]*\])/g, '$1)');

test('generated message types match the gRPC client’s requests and answers', () => {
  const search = loadProto(join(FIXTURE, 'warehouse/warehouse.proto')).service('warehouse.v1.Warehouse');
  const method = search.methods.find(({ name }) => name === 'getURL');
  if (!method) throw new Error('the fixture has no GetURL');
  const full = `{
    productId: 'p1', box: { width: 1.5, size: 'LARGE' }, seals: ['1', 2, 3n], kind: 'GOODS', kinds: [1, 'GOODS', 7],
    boxes: { a: { width: 1 } }, kindsByShelf: { 1: 'GOODS' }, image: new Uint8Array([1]), madeAt: new Date(1),
    note: 'a', fragile: null, parent: { person: 'b', class: 1 }, class: 2,
    keeps: '1.5s', labels: { a: [1] }, anything: 'x', list: [null], mask: { paths: ['product_id'] }, marker: {},
    extra: { '@type': 'warehouse.v1.Money', amount: 1 }, counts: ['1', 2], tables: [{ a: 1 }], seen: { a: '2024-01-02T08:00:00Z' },
  }`;
  const request: unknown = new Function(`return ${full}`)();
  const answers = [new Uint8Array(), method.encode(request)].map((bytes) => written(method.decode(bytes)));
  const use = `
    import type { ProductMessage, ProductMessageInit } from './warehouse.ts';
    export const request: ProductMessageInit = ${full};
    export const absent: ProductMessageInit = { productId: undefined, seals: null, boxes: undefined, box: null };
    export const answers: ProductMessage[] = [${answers.join(', ')}];
  `;
  expect(compile({ 'warehouse.ts': generated('warehouse'), 'use.ts': use })).toBe('');
});

const OLD = `syntax = "proto2"; package old.v1;
  message M {
    required string id = 1; optional int32 n = 2 [default = 5]; optional bool tracked = 3; optional Color color = 4 [default = BLUE];
    repeated group Part = 5 { optional string address_line_1 = 6; } optional string quoted = 7 [json_name = "it's"];
    oneof choice { Color either = 8; int32 other = 9; } extensions 100 to 199;
  }
  extend M { optional int64 note = 100; }
  enum Color { NONE = 0; BLUE = 2; }
  service S { rpc Echo(M) returns (M); }`;

test('proto2 message types match the gRPC client’s requests and answers', async () => {
  const folder = testFolder({ 'a/schema.graphql': 'type Query { a: Int }', 'a/old.proto': OLD });
  const [method] = loadProto(join(folder, 'a/old.proto')).service('old.v1.S').methods;
  if (!method) throw new Error('old.proto has no method');
  const full = `{ id: 'a', part: [{ addressLine1: 'x' }], color: 'NONE', either: 'BLUE', '[old.v1.note]': 3n, "it's": 'q' }`;
  const request: unknown = new Function(`return ${full}`)();
  const answers = [{ id: 'b' }, request].map((value) => written(method.decode(method.encode(value))));
  const use = `
    import type { MMessage, MMessageInit } from './a.ts';
    export const request: MMessageInit = ${full};
    export const answers: MMessage[] = [${answers.join(', ')}];
    export const defaulted: (m: MMessage) => number = (m) => m.n;
    export const tracked: (m: MMessage) => boolean | null = (m) => m.tracked;
    // @ts-expect-error a proto2 enum has no other numbers
    export const unknown: MMessageInit = { id: 'a', color: 7 };
    // @ts-expect-error a required field
    export const incomplete: MMessageInit = { n: 1 };
  `;
  expect(compile({ 'a.ts': await generateModule(join(folder, 'a')), 'use.ts': use })).toBe('');
});

test('different messages of one name in the files of two upstreams have a type each', async () => {
  const proto = (service: string, field: string) => `syntax = "proto3"; package ${service}; import "common/money.proto";
    service S { rpc Get(common.Money) returns (common.Money); } message Unused${field} {}`;
  const money = (field: string) => `syntax = "proto3"; package common; message Money { string ${field} = 1; }`;
  const upstream = (name: string) =>
    `{ protocol: 'grpc', proto: '${name}.proto', protoPaths: ['vendor/${name}'], service: '${name}.S' }`;
  const folder = testFolder({
    'a/schema.graphql': 'type Query { a: Int }',
    'a/index.ts': `export default { upstreams: { one: ${upstream('one')}, two: ${upstream('two')} } };`,
    'a/vendor/one/one.proto': proto('one', 'A'),
    'a/vendor/two/two.proto': proto('two', 'B'),
    'a/vendor/one/common/money.proto': money('units'),
    'a/vendor/two/common/money.proto': money('amount'),
  });
  const use = `
    import type { Schema } from './a.ts';
    type Services = Schema['services'];
    export const one = (money: Services['one.S']['get']['response']): string => money.units;
    export const two = (money: Services['two.S']['get']['response']): string => money.amount;
  `;
  expect(compile({ 'a.ts': await generateModule(join(folder, 'a')), 'use.ts': use })).toBe('');
});
