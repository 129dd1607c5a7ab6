import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { generateModule } from '../../src/cli/codegen/generate.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import type { RunningServer } from '../support/grpc/grpc-server.ts';
import library from '../support/modules/library/index.ts';
import { libraryServer } from '../support/modules/library.ts';

type Unary = (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => void;

const gatewayTo = ({ port }: RunningServer) =>
  startGateway({ LIBRARY_BOOKS_ENDPOINTS: `grpc://127.0.0.1:${port}` }, [library]);

test('the generated file of the module matches its sources', async () => {
  const folder = join(import.meta.dirname, '../support/modules/library');
  expect(await generateModule(folder)).toBe(readFileSync(join(folder, 'schema.generated.ts'), 'utf8'));
});

const MEDIUM = 'medium { __typename ... on Paper { weightGrams } ... on File { url } ... on Audio { url } }';

test.each([
  [{ paper: { weight_grams: 2.5 } }, { __typename: 'Paper', weightGrams: 2.5 }],
  [{ file: { url: 'f.pdf' } }, { __typename: 'File', url: 'f.pdf' }],
  [{ audio: { value: 'a.mp3' } }, { __typename: 'Audio', url: 'a.mp3' }],
  [{}, null],
])('a oneof is a union: %j', async (book, medium) => {
  const GetBook: Unary = (_call, reply) => reply(null, book);
  await using server = await libraryServer({ GetBook });
  await using gateway = await gatewayTo(server);
  expect((await gateway.query(`{ book(name: "b") { ${MEDIUM} } }`)).data).toEqual({ book: { medium } });
});

test.each([
  ['{ paper: { weightGrams: 1 } }', { paper: { weight_grams: 1 } }],
  ['{ audio: "a.mp3" }', { audio: { value: 'a.mp3' } }],
])('a @oneOf input is sent as a oneof: %s', async (medium, sent) => {
  const requests: unknown[] = [];
  const UpdateBook: Unary = ({ request }, reply) => {
    requests.push(request);
    reply(null, {});
  };
  await using server = await libraryServer({ UpdateBook });
  await using gateway = await gatewayTo(server);
  const { errors } = await gateway.query(`mutation { setMedium(name: "b", medium: ${medium}) { name } }`);
  expect(errors).toEqual([]);
  expect(requests).toEqual([{ book: { name: 'b', ...sent } }]);
  const both = await gateway.query('mutation { setMedium(name: "b", medium: { audio: "a", file: null }) { name } }');
  expect(both.errors).toHaveLength(1);
  expect(requests).toHaveLength(1);
});

test('a map with 64-bit keys is a list of entries', async () => {
  const GetBook: Unary = (_call, reply) => reply(null, { pages: { '9223372036854775807': 'last' } });
  await using server = await libraryServer({ GetBook });
  await using gateway = await gatewayTo(server);
  expect((await gateway.query('{ book(name: "b") { pages { key value } } }')).data).toEqual({
    book: { pages: [{ key: '9223372036854775807', value: 'last' }] },
  });
});
