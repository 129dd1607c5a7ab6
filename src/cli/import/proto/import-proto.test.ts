import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FIXTURE, importInto, PACKAGE } from '../../../../test/support/modules/import-into.ts';
import { testFolder } from '../../codegen/test-folder.ts';

const MUSEUM = join(FIXTURE, 'protos/museum/v1/museum.proto');
const OPTIONS = { protoPaths: [join(FIXTURE, 'protos')], reads: ['CountVisitors'] };

const textsOf = (folder: string) => (path: string) => readFileSync(join(folder, 'schema/museum', path), 'utf8');

/** A .proto file with this text. */
const proto = (text: string): string =>
  join(testFolder({ ...PACKAGE, 'shop.proto': `syntax = "proto3";\npackage shop.v1;\n${text}` }), 'shop.proto');

test('museum.proto becomes the same SDL, code, test and mock', async () => {
  const folder = testFolder(PACKAGE);
  await importInto(folder, MUSEUM, OPTIONS);
  const read = textsOf(folder);
  const expected = (path: string) => join(FIXTURE, 'expected', `museum.${path}.txt`);
  await expect(read('imported.generated.graphql')).toMatchFileSnapshot(expected('graphql'));
  const code = read('imported.generated.ts').replace(/^\/\/ .*\n/gm, '');
  await expect(code).toMatchFileSnapshot(expected('generated'));
  await expect(read('index.ts')).toMatchFileSnapshot(expected('index'));
  await expect(read('index.test.ts')).toMatchFileSnapshot(expected('test'));
  await expect(read('mock.ts')).toMatchFileSnapshot(expected('mock'));
  expect(read('proto/museum/v1/money.proto')).toBe(readFileSync(join(FIXTURE, 'protos/museum/v1/money.proto'), 'utf8'));
});

test('only messages of any form are JSON, and the report counts them as JSON by contract', async () => {
  const folder = testFolder(PACKAGE);
  const report = await importInto(folder, join(FIXTURE, '../../../../test/support/modules/library.proto'), {
    name: 'shelves',
  });
  expect(report).toContain('88 fields and arguments, 12 of them JSON by contract; the SDL has the reason of each.');
  const sdl = readFileSync(join(folder, 'schema/shelves/imported.generated.graphql'), 'utf8');
  const reasons = [...sdl.matchAll(/# (JSON.*)\.\n/g)].map(([, reason]) => reason);
  expect([...new Set(reasons)].toSorted()).toEqual([
    'JSON by contract: google.protobuf.Any is a message of any type',
    'JSON by contract: google.protobuf.Struct is an object with any keys and values',
    'JSON by contract: google.protobuf.Value is any value',
    'JSON by contract: the values of google.protobuf.ListValue may be any',
  ]);
});

test('messages that contain themselves, and oneofs of them, have types', async () => {
  const source = proto(`
service Trees { rpc GetNode(GetNodeRequest) returns (Node); rpc PutNode(Node) returns (Node); }
message GetNodeRequest { string id = 1; }
message Node {
  string id = 1;
  Node parent = 2;
  repeated Node children = 3;
  map<string, Node> by_name = 4;
  oneof content { Node other = 5; Leaf leaf = 6; string text = 7; }
}
message Leaf { Node owner = 1; }
`);
  const report = await importInto(testFolder(PACKAGE), source);
  expect(report).toMatch(/fields and arguments\.$/m);
});

test('--list shows what each method becomes, and why a stream is not imported', async () => {
  const list = await importInto(testFolder(PACKAGE), MUSEUM, { ...OPTIONS, list: true });
  expect(list.split('\n').map((line) => line.replace(/^museum\.v1\./, '').replace(/ +/, ' '))).toEqual([
    'MuseumService/GetWork Query.work: Work, loader workById (one call for many keys)',
    'MuseumService/BatchGetWorks Query.batchGetWorks: [Work!], loader workById (one call for many keys)',
    'MuseumService/ListWorks Query.works: WorkConnection, pages by token',
    'MuseumService/CreateWork Mutation.createWork: Work',
    'MuseumService/UpdateWork Mutation.updateWork: Work',
    'MuseumService/DeleteWork Mutation.deleteWork: Boolean',
    'MuseumService/GetArtist Query.artist: Artist, loader artistByName (one call a key)',
    'MuseumService/ListArtists Query.artists: [Artist!]',
    'MuseumService/CountVisitors Query.countVisitors: CountVisitorsResponse',
    'MuseumService/GetAndLock Mutation.getAndLock: Work',
    'TicketService/GetTicket Query.ticket: Ticket, loader ticketById (one call a key)',
    'TicketService/BuyTicket Mutation.buyTicket: Ticket',
    'MuseumService/WatchVisitors not imported: it streams responses: write a resolver with for await, and a limit',
    'MuseumService/UploadImage not imported: it streams requests: write a resolver that passes an AsyncIterable of messages',
  ]);
});

test.each([
  [['GetWork'], ['work']],
  [['TicketService'], ['buyTicket', 'ticket']],
  [
    ['MuseumService/List*', 'museum.v1.TicketService/Get*'],
    ['artists', 'ticket', 'works'],
  ],
])('--select %j imports %j', async (select, fields) => {
  const list = await importInto(testFolder(PACKAGE), MUSEUM, { ...OPTIONS, reads: [], select, list: true });
  expect([...list.matchAll(/(?:Query|Mutation)\.(\w+)/g)].map(([, name]) => name).toSorted()).toEqual(fields);
});

test('a selection without a match is rejected, with a similar name', async () => {
  const found = importInto(testFolder(PACKAGE), MUSEUM, { ...OPTIONS, select: ['GetWrok'] });
  await expect(found).rejects.toThrow("--select 'GetWrok' matches no method. Did you mean 'GetWork'?");
});

test('problems of a .proto are reported together, with --proto-path for an import that is not found', async () => {
  const folder = testFolder(PACKAGE);
  await expect(importInto(folder, MUSEUM)).rejects.toThrow(
    /The contract is not valid:\n.*"museum\/v1\/money.proto" was not found;.*add the folder that it starts in to --proto-path/,
  );
  await expect(importInto(folder, proto('message A { Missing m = 1; }'))).rejects.toThrow(
    /shop.proto:3:\d+: "Missing" is not defined/,
  );
  await expect(importInto(folder, proto('message A {}'))).rejects.toThrow('shop.proto has no service');
  await expect(importInto(folder, '/none.proto')).rejects.toThrow('/none.proto is not a file: correct the path.');
});

test('a second import shows the changes of the contract, and keeps the lines of the author', async () => {
  const text = (weight: string) => `
    service Shop { rpc GetParcel(GetParcelRequest) returns (Parcel); }
    message GetParcelRequest { string code = 1; }
    message Parcel { string code = 1; ${weight} weight = 2; State state = 3; }
    enum State { STATE_UNSPECIFIED = 0; STATE_SENT = 1; }`;
  const folder = testFolder(PACKAGE);
  const source = proto(text('int32'));
  await importInto(folder, source);
  const path = (name: string) => join(folder, 'schema/shop', name);
  const edited = ['index.ts', 'mock.ts'].map(
    (name) => [path(name), `${readFileSync(path(name), 'utf8')}// mine\n`] as const,
  );
  for (const [file, content] of edited) writeFileSync(file, content);
  expect(await importInto(folder, source)).toContain('The graph has not changed.');
  writeFileSync(
    source,
    readFileSync(source, 'utf8')
      .replace('int32 weight', 'int64 weight')
      .replace('STATE_SENT = 1;', 'STATE_SENT = 1; STATE_LOST = 2;')
      .replace('State state', 'string note = 4; State state'),
  );
  const report = await importInto(folder, source);
  expect(report).toContain(
    ['Changes of the graph:', '  ~ Parcel.weight: Int! -> BigInt!', '  + Parcel.note: String!', '  + State.LOST'].join(
      '\n',
    ),
  );
  for (const [file, content] of edited) expect(readFileSync(file, 'utf8')).toBe(content);
  expect(report).toMatch(/^kept .*schema\/shop\/mock\.ts: it has lines of your own$/m);
  expect(report).not.toContain('warning');
  expect(readFileSync(path('proto/shop.proto'), 'utf8')).toBe(readFileSync(source, 'utf8'));
});
