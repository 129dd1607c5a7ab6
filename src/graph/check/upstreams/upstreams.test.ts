import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lines, reading, testModule } from '../../../../test/support/modules/test-module.ts';
import { grpc, rest, type UpstreamDefinition } from '../../../backend/define/upstream-options.ts';
import { readModule } from '../parsed-module.ts';
import { wrongUpstreams } from './upstreams.ts';

const problemsOf = (stock: UpstreamDefinition) => lines(wrongUpstreams(reading('a', '', { upstreams: { stock } })));

test.each(['price-list', 'PriceList', '2nd', 'price_list'])('the upstream name %s is rejected', (name) => {
  expect(lines(wrongUpstreams(reading('a', '', { upstreams: { [name]: rest() } })))).toEqual([
    `a/index.ts: invalid upstream name "${name}": use letters and digits, as in priceList`,
  ]);
});

test.each([
  ['Authorization', "is the identity of the caller: set identity: 'token' instead"],
  ['cookie', 'is never forwarded: remove it'],
  ['Content-Length', 'belongs to one connection: remove it'],
  ['Idempotency-Key', 'is a key of one caller: take the key as an argument, and set idempotencyKey in the call'],
  ['X-Envoy-Attempt-Count', 'is the attempt header of the upstream: remove it, or change attemptHeader'],
  ['X-Envoy-Expected-RQ-Timeout-Ms', 'is the deadline header of the upstream: remove it, or change deadlineHeader'],
])('%s is not forwarded by name', (header, why) => {
  expect(problemsOf(rest({ forward: { headers: ['accept-language', header] } }))).toEqual([
    `a/index.ts: upstream stock forwards ${header}, which ${why}`,
  ]);
});

test('the deadline header cannot be forwarded, any other header can', () => {
  const forward = { headers: ['X-Envoy-Expected-RQ-Timeout-Ms', 'X-Left'] };
  expect(problemsOf(rest({ forward, deadlineHeader: false }))).toEqual([]);
  expect(problemsOf(rest({ forward, deadlineHeader: 'x-left' }))).toEqual([
    'a/index.ts: upstream stock forwards X-Left, which is the deadline header of the upstream: remove it, or change deadlineHeader',
  ]);
});

test('an upstream made without rest() or grpc() is rejected', () => {
  // @ts-expect-error types do not let this pass
  expect(problemsOf({ timeoutMs: 100 })).toEqual([
    'a/index.ts: upstream stock is neither REST, gRPC nor GraphQL: create it with rest({ … }), grpc({ … }) or graphql({ … })',
  ]);
});

test('a limit that is not a positive number is rejected', () => {
  expect(problemsOf(rest({ timeoutMs: 0, maxResponseBytes: -1, maxUrlLength: Number.NaN }))).toEqual([
    'a/index.ts: timeoutMs of upstream stock is 0: use a number above 0, or remove it',
    'a/index.ts: maxResponseBytes of upstream stock is -1: use a number above 0, or remove it',
    'a/index.ts: maxUrlLength of upstream stock is NaN: use a number above 0, or remove it',
  ]);
});

const PROTO = 'syntax = "proto3";\npackage v1;\nmessage A {}\nservice Stock { rpc Get(A) returns (A); }\n';

test.each([
  ['gone.proto', 'v1.Stock', 'gone.proto: there is no such file: create it, or correct the path'],
  ['stock.proto', 'v1.Stok', 'stock.proto: no service v1.Stok: use one of: v1.Stock'],
  [
    'broken.proto',
    'v1.Stock',
    'broken.proto:4:25: "Nothing" is not defined: define it, import the file that does, or correct the name',
  ],
])('a service that cannot be loaded is rejected: %s', (proto, service, problem) => {
  const folder = mkdtempSync(join(tmpdir(), 'upstreams-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'stock.proto'), PROTO);
  writeFileSync(join(folder, 'broken.proto'), PROTO.replace('Get(A)', 'Get(Nothing)'));
  const module = {
    ...testModule('a', '', { upstreams: { stock: grpc({ proto: `./${proto}`, service }) } }),
    typeDefs: { text: '', file: join(folder, 'schema.graphql') },
  };
  expect(lines(wrongUpstreams(readModule(module)))).toEqual([`${folder}/index.ts: upstream stock: ${problem}`]);
});

test('valid upstreams have no problems', () => {
  expect(problemsOf(grpc({ proto: '../inventory/inventory.proto', service: 'inventory.v1.Inventory' }))).toEqual([]);
  expect(problemsOf(rest({ timeoutMs: 300, forward: { identity: 'token', headers: ['accept-language'] } }))).toEqual(
    [],
  );
});
