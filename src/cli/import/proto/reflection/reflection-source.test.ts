import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manualClock } from '../../../../../test/support/clock/manual-clock.ts';
import { declarationsOf } from '../../../../../test/support/grpc/declarations.ts';
import { reflectionServer } from '../../../../../test/support/grpc/reflection-server.ts';
import { FIXTURE, importInto, PACKAGE } from '../../../../../test/support/modules/import-into.ts';
import { testFolder } from '../../../codegen/test-folder.ts';

const MUSEUM = { folder: join(FIXTURE, 'protos'), proto: 'museum/v1/museum.proto', protoPaths: ['.'] };

test.each([['grpc.reflection.v1'], ['grpc.reflection.v1alpha']])(
  '%s: the files that are written declare what the server declares',
  async (name) => {
    const folder = testFolder(PACKAGE);
    const address = await reflectionServer(MUSEUM, { packages: [name] });
    await importInto(folder, address);
    const proto = join(folder, 'schema/museum/proto');
    expect(declarationsOf({ folder: proto, proto: 'museum/v1/museum.proto', protoPaths: ['.'] })).toEqual(
      declarationsOf(MUSEUM),
    );
    const index = readFileSync(join(folder, 'schema/museum/index.ts'), 'utf8');
    expect(index).toContain(`// MUSEUM_MUSEUM_ENDPOINTS=${address}\n`);
    expect(index).toContain("reads: ['GetWork', 'BatchGet*', 'List*', 'GetArtist']");
  },
);

test('a server without imports in its descriptors, and with relative names, is read', async () => {
  const folder = testFolder(PACKAGE);
  const address = await reflectionServer(MUSEUM, {
    change: (file) => {
      file.dependency = [];
      for (const message of file.messageType)
        for (const field of message.field) field.typeName = field.typeName.replace(/^\.(museum\.v1\.)?/, '');
      return file;
    },
  });
  await importInto(folder, address);
  const text = readFileSync(join(folder, 'schema/museum/proto/museum/v1/museum.proto'), 'utf8');
  expect([...text.matchAll(/^import "(.*)";$/gm)].map(([, name]) => name).toSorted()).toEqual([
    'google/protobuf/duration.proto',
    'google/protobuf/empty.proto',
    'google/protobuf/field_mask.proto',
    'google/protobuf/struct.proto',
    'google/protobuf/timestamp.proto',
    'google/protobuf/wrappers.proto',
    'museum/v1/money.proto',
  ]);
});

test('a header is sent, and its value is not written', async () => {
  const folder = testFolder(PACKAGE);
  const address = await reflectionServer(MUSEUM, { credential: ['authorization', 'Bearer canary-secret'] });
  await expect(importInto(folder, address)).rejects.toThrow(
    /cannot be read: the status is UNAUTHENTICATED. Pass credentials with --header/,
  );
  const report = await importInto(folder, address, { headers: ['Authorization: Bearer canary-secret'] });
  const module = join(folder, 'schema/museum');
  const texts = readdirSync(module, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  expect([report, ...texts].join('\n')).not.toContain('canary');
  expect(readFileSync(join(module, 'index.test.ts'), 'utf8')).not.toContain('authorization');
  expect(readFileSync(join(module, 'imported.generated.ts'), 'utf8')).toContain("--header 'Authorization: …'");
});

test.each<[string, Parameters<typeof reflectionServer>[1], RegExp]>([
  ['without reflection', { packages: [] }, /the server has no reflection. Register the reflection service in it/],
  [
    'with a file name that leaves the folder',
    { change: (file) => Object.assign(file, { name: '../../outside.proto' }) },
    /the file name "..\/..\/outside.proto" is no path/,
  ],
  [
    'that lacks a file',
    { change: (file) => Object.assign(file, { dependency: ['gone.proto'] }) },
    /the server reports: no gone.proto/,
  ],
])('a server %s is rejected with a fix', async (_, options, message) => {
  await expect(importInto(testFolder(PACKAGE), await reflectionServer(MUSEUM, options))).rejects.toThrow(message);
});

test('a server that does not answer ends the import at the deadline', async () => {
  const clock = manualClock();
  const address = await reflectionServer(MUSEUM, { hold: () => clock.advance(30_000) });
  const folder = testFolder(PACKAGE);
  await expect(importInto(folder, address, {}, { clock })).rejects.toThrow(
    `${address} cannot be read: no answer in 30 s. Import its .proto file instead.`,
  );
  expect(existsSync(join(folder, 'schema'))).toBe(false);
});

test('an address that is not valid, or without a server, is rejected', async () => {
  const folder = testFolder(PACKAGE);
  await expect(importInto(folder, 'grpc://localhost')).rejects.toThrow('has the form grpc://host:port');
  await expect(importInto(folder, 'grpc://127.0.0.1:1')).rejects.toThrow(
    /grpc:\/\/127.0.0.1:1 cannot be read: cannot connect \(ECONNREFUSED\). Check the address/,
  );
});
