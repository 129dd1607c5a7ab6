import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { folderWith } from '../../test/support/modules/module-folder.ts';
import { readProto } from './read-proto.ts';
import type { FieldType, MessageType } from './type-model.ts';

/** Returns the request type of the only method of `S`. */
const requestOf = (text: string): MessageType => {
  const folder = folderWith({ 'a.proto': `${text}\nservice S { rpc Do(M) returns (M); }` });
  const { services, service } = readProto({ folder, proto: './a.proto' });
  const [method] = service(services[0] ?? '').methods;
  if (method === undefined) throw new Error('S has no method');
  return method.request;
};

const typeName = ({ type }: FieldType): string => (typeof type === 'string' ? type : type.name);
const typesIn = ({ fields }: MessageType) => Object.fromEntries(fields.map((field) => [field.name, typeName(field)]));

test('a name is resolved from the innermost scope outwards, not to a type nested in another message', () => {
  const inPackage = requestOf(`syntax = "proto3"; package shop.v1;
    message M {
      Status status = 1; repeated Line lines = 2;
      message Line { Status status = 1; enum Status { LINE_NEW = 0; } }
    }
    enum Status { UNKNOWN = 0; }`);
  expect(typesIn(inPackage)).toEqual({ status: 'shop.v1.Status', lines: 'shop.v1.M.Line' });
  const withoutPackage = requestOf(`syntax = "proto3";
    message M { Kind kind = 1; enum Kind { BOOK = 0; } }
    enum Kind { OTHER = 0; }`);
  expect(typesIn(withoutPackage)).toEqual({ kind: 'M.Kind' });
});

test('fields have their JSON names from protobuf’s rules', () => {
  const { fields } = requestOf(`syntax = "proto2";
    message M {
      optional string address_line_1 = 1; optional string __odd__name_ = 2; optional string a = 3 [json_name = "@id"];
      optional string same_name = 4; optional string sameName = 5; optional string p = 6 [json_name = "__proto__"];
      optional group MyPart = 7 {} extensions 100 to 199;
    }
    extend M { optional string more = 100; }
    message Scope { extend M { optional int32 inner = 101; } }`);
  expect(fields.map(({ name }) => name)).toEqual([
    ...['addressLine1', 'OddName', '@id', 'same_name', 'sameName', 'p', 'mypart', '[more]', '[Scope.inner]'],
  ]);
});

test('defaults and presence follow the syntax and the edition', () => {
  const seen = (text: string) =>
    Object.fromEntries(
      requestOf(text).fields.map(({ name, hasPresence, isRequired, declaredDefault, isPacked, isGroup }) => [
        name,
        { hasPresence, isRequired, declaredDefault, isPacked, isGroup },
      ]),
    );
  const plain = { hasPresence: false, isRequired: false, declaredDefault: null, isPacked: false, isGroup: false };
  expect(
    seen(`syntax = "proto2";
      message M {
        required int32 r = 1; optional int64 n = 2 [default = -5]; optional E e = 3 [default = B]; optional string s = 4;
        repeated int32 l = 5; repeated int32 p = 6 [packed = true]; repeated group G = 7 {} optional bool b = 8 [default = false];
        optional double d = 9 [default = -inf]; optional bytes y = 10 [default = "\\001"]; optional string t = 11 [default = ""];
        enum E { A = 1; B = 2; }
      }`),
  ).toEqual({
    r: { ...plain, hasPresence: true, isRequired: true },
    n: { ...plain, hasPresence: true, declaredDefault: '-5' },
    e: { ...plain, hasPresence: true, declaredDefault: 'B' },
    s: { ...plain, hasPresence: true },
    l: plain,
    p: { ...plain, isPacked: true },
    g: { ...plain, isGroup: true },
    b: { ...plain, hasPresence: true, declaredDefault: false },
    d: { ...plain, hasPresence: true, declaredDefault: Number.NEGATIVE_INFINITY },
    y: { ...plain, hasPresence: true, declaredDefault: new Uint8Array([1]) },
    t: { ...plain, hasPresence: true, declaredDefault: '' },
  });
  expect(
    seen(`edition = "2023";
      message M {
        int32 a = 1; int32 b = 2 [features.field_presence = IMPLICIT]; int32 c = 3 [features.field_presence = LEGACY_REQUIRED];
        M d = 4 [features.message_encoding = DELIMITED]; repeated int32 e = 5; repeated int32 f = 6 [features.repeated_field_encoding = EXPANDED];
      }`),
  ).toEqual({
    a: { ...plain, hasPresence: true },
    b: plain,
    c: { ...plain, hasPresence: true, isRequired: true },
    d: { ...plain, hasPresence: true, isGroup: true },
    e: { ...plain, isPacked: true },
    f: plain,
  });
});

const HEAD = 'syntax = "proto3"; package p;';
const REST = 'service S { rpc Get(Foo) returns (Foo); } message Foo { int32 a = 1; E e = 2; enum E { Z = 0; } }';
const OPTION = `import "google/protobuf/descriptor.proto"; extend google.protobuf.FileOptions { O o = 50000; }
  message O { repeated Tag tags = 1; string d = 2; message Tag { string name = 1; } }`;

test.each([
  ['a list of messages in an option', `${HEAD} ${OPTION} option (o) = { tags: [ { name: "a" } ] }; ${REST}`],
  ['an empty list in an option', `${HEAD} ${OPTION} option (o) = { tags: [] }; ${REST}`],
  ['a # comment in an option', `${HEAD} ${OPTION} option (o) = { d: "a" # why\n }; ${REST}`],
  ['an empty statement', `${HEAD} service S { rpc Get(Foo) returns (Foo); } message Foo { int32 a = 1;; };`],
  ['an enum value named constructor', `${HEAD} ${REST} message Bar { E e = 1; enum E { Z = 0; constructor = 1; } }`],
  ['a negative reserved range', `${HEAD} ${REST} message Bar { enum E { reserved -3 to -1; Z = 0; } }`],
  [
    'a group in a oneof',
    'syntax = "proto2"; package p; service S { rpc Get(Foo) returns (Foo); } message Foo { oneof x { group G = 1 { optional int32 a = 2; } int32 b = 3; } }',
  ],
  ['no syntax', 'package p; service S { rpc Get(Foo) returns (Foo); } message Foo { optional int32 a = 1; }'],
  ['edition 2024', `edition = "2024"; package p; ${REST}`],
])('a valid file is read: %s', (_, text) => {
  const folder = folderWith({ 'x.proto': text });
  expect(readProto({ folder, proto: 'x.proto' }).service('p.S').methods).toHaveLength(1);
});

const importing = (path: string, field: string) =>
  `syntax = "proto3"; package e; import "${path}"; service S { rpc Do(M) returns (M); } message M { ${field} f = 1; }`;
const declaring = (name: string) => `syntax = "proto3"; package d; message ${name} {}`;

test('imports are searched in protoPaths, then in the folder of the file, then in that of the module', () => {
  const folder = folderWith({
    'm/deep/e.proto': importing('d.proto', 'd.Deep'),
    'm/deep/d.proto': declaring('Deep'),
    'm/d.proto': declaring('Top'),
    'vendor/d.proto': declaring('Vendored'),
    'm/top.proto': importing('d.proto', 'd.Top'),
    'm/deep/v.proto': importing('d.proto', 'd.Vendored'),
    'vendor/named/n.proto': importing('d.proto', 'd.Vendored'),
    'm/deep/far.proto': importing('deep/d.proto', 'd.Deep'),
  });
  const module = join(folder, 'm');
  const fieldOf = (proto: string, protoPaths?: readonly string[]) =>
    readProto({ folder: module, proto, protoPaths }).service('e.S').methods[0]?.request.fields.map(typeName);
  expect(fieldOf('./deep/e.proto')).toEqual(['d.Deep']);
  expect(fieldOf('top.proto')).toEqual(['d.Top']);
  expect(fieldOf('deep/far.proto')).toEqual(['d.Deep']);
  expect(fieldOf('deep/v.proto', ['../vendor'])).toEqual(['d.Vendored']);
  expect(fieldOf('named/n.proto', ['../vendor'])).toEqual(['d.Vendored']);
  expect(fieldOf('../vendor/named/n.proto', ['../vendor'])).toEqual(['d.Vendored']);
});

test('a missing file is reported with the folders that were searched', () => {
  const folder = folderWith({ 'm/e.proto': importing('gone/d.proto', 'd.Gone'), 'vendor/x.proto': '' });
  const module = join(folder, 'm');
  const read = (proto: string, protoPaths: string[]) => () => readProto({ folder: module, proto, protoPaths });
  expect(read('e.proto', ['../vendor'])).toThrow(
    `${module}/e.proto:1:31: "gone/d.proto" was not found; imports are searched in ${folder}/vendor, ${module}. Correct the path, or add the folder that it starts in to protoPaths.`,
  );
  expect(read('e.proto', ['../vendr'])).toThrow(
    `${folder}/vendr: there is no such folder. Create it, or correct protoPaths.`,
  );
  expect(read('e.proto', ['../vendor/x.proto'])).toThrow(
    `${folder}/vendor/x.proto: this is a file, not a folder. Name the folder that imports start in, in protoPaths.`,
  );
  expect(read('../vendor', [])).toThrow(`${folder}/vendor: this is a folder, not a file. Name the .proto file in it.`);
  expect(read('f.proto', [])).toThrow(`${module}/f.proto: there is no such file. Create it, or correct the path.`);
  expect(() => readProto({ folder: join(folder, 'a:b'), proto: join(module, 'e.proto') })).toThrow('has a ":"');
});

test('problems of an imported file are reported, and none that follow from them', () => {
  const folder = folderWith({
    'e.proto': importing('d.proto', 'd.Lost'),
    'd.proto': 'syntax = "proto3"; package d; message A { Lst a = 1; string b = 1; }',
  });
  expect(() => readProto({ folder, proto: 'e.proto' })).toThrow(
    expect.objectContaining({
      problems: [
        expect.objectContaining({ file: join(folder, 'd.proto'), location: { line: 1, column: 43 } }),
        expect.objectContaining({ file: join(folder, 'd.proto'), location: { line: 1, column: 65 } }),
      ],
    }),
  );
});

test('every file of Google that comes with the gateway is found and valid', () => {
  const include = new URL('./include/', import.meta.url);
  const own = readdirSync(include, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.proto'));
  const usual = ['any', 'duration', 'empty', 'field_mask', 'struct', 'timestamp', 'wrappers', 'descriptor', 'type'];
  const imports = [...own, ...usual.map((name) => `google/protobuf/${name}.proto`)];
  const folder = folderWith({
    'a.proto': `syntax = "proto3"; ${imports.map((path) => `import "${path}";`).join('')}
      message M { google.type.Money money = 1; google.rpc.Status status = 2 [(google.api.field_behavior) = REQUIRED]; }
      service S { rpc Do(M) returns (google.protobuf.Any) { option (google.api.http) = { get: "/v1" }; } }`,
  });
  expect(own.length).toBeGreaterThan(25);
  const [method] = readProto({ folder, proto: 'a.proto' }).service('S').methods;
  expect(method?.response.fields.map(({ name }) => name)).toEqual(['typeUrl', 'value']);
  const [money] = method?.request.fields ?? [];
  expect(money?.type).toMatchObject({ name: 'google.type.Money' });
  expect(existsSync(typeof money?.type === 'object' ? money.type.file : '')).toBe(true);
});

test('comments in front of a declaration are kept, or else those behind it; Google’s are left out', () => {
  const { doc, fields } = requestOf(`syntax = "proto3"; import "google/protobuf/timestamp.proto";
    // A question.
    // Two lines.
    message M {
      int32 a = 1; // Behind.
      /* In front. */
      google.protobuf.Timestamp b = 2;
    }`);
  expect(doc).toBe('A question.\nTwo lines.');
  expect(fields.map((field) => field.doc)).toEqual(['Behind.', 'In front.']);
  expect(fields[1]?.type).toMatchObject({ doc: null });
});

test.skipIf(!existsSync('/dev/shm'))('a file is read also where the temporary folder cannot be written', () => {
  const folder = folderWith({ 'a.proto': 'syntax = "proto3"; message M {} service S { rpc Do(M) returns (M); }' });
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('TMPDIR', join(folder, 'gone'));
  expect(readProto({ folder, proto: 'a.proto' }).services).toEqual(['S']);
  expect(readdirSync('/dev/shm').filter((name) => name.startsWith('tributary-proto-'))).toEqual([]);
});
