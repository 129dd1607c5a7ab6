import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { grpc, rest, type UpstreamDefinition } from '../../backend/upstreams.ts';
import { readModule } from './reading.ts';
import { lines, reading, testModule } from './test-module.ts';
import { wrongUpstreams } from './upstreams.ts';

const told = (stock: UpstreamDefinition) => lines(wrongUpstreams(reading('a', '', { upstreams: { stock } })));

test.each(['price-list', 'PriceList', '2nd', 'price_list'])('an upstream cannot be called %s', (name) => {
  expect(lines(wrongUpstreams(reading('a', '', { upstreams: { [name]: rest() } })))).toEqual([
    `a/index.ts: an upstream cannot be called "${name}": use letters and digits, as in priceList`,
  ]);
});

test.each([
  ['Authorization', "is the identity of the caller: write identity: 'token' instead"],
  ['cookie', 'is never forwarded: take it away'],
  ['Content-Length', 'belongs to one connection: take it away'],
  [
    'Idempotency-Key',
    'is a key of its caller alone: take the key as an argument, and write idempotencyKey at the call',
  ],
  ['X-Envoy-Expected-RQ-Timeout-Ms', 'is replaced by the time left: take it away, or change deadlineHeader'],
])('%s is not forwarded by name', (header, why) => {
  expect(told(rest({ forward: { headers: ['accept-language', header] } }))).toEqual([
    `a/index.ts: upstream stock forwards ${header}, which ${why}`,
  ]);
});

test('a header that is not the one for the time left is forwarded', () => {
  const forward = { headers: ['X-Envoy-Expected-RQ-Timeout-Ms', 'X-Left'] };
  expect(told(rest({ forward, deadlineHeader: false }))).toEqual([]);
  expect(told(rest({ forward, deadlineHeader: 'x-left' }))).toEqual([
    'a/index.ts: upstream stock forwards X-Left, which is replaced by the time left: take it away, or change deadlineHeader',
  ]);
});

test('what JavaScript wrote without rest or grpc is told', () => {
  // @ts-expect-error types do not let this pass
  expect(told({ timeoutMs: 100 })).toEqual([
    'a/index.ts: upstream stock is neither REST nor gRPC: make it with rest({ … }) or grpc({ … })',
  ]);
});

test('limits are positive numbers', () => {
  expect(told(rest({ timeoutMs: 0, maxResponseBytes: -1, maxUrlLength: Number.NaN }))).toEqual([
    'a/index.ts: timeoutMs of upstream stock is 0: give a number above 0, or none',
    'a/index.ts: maxResponseBytes of upstream stock is -1: give a number above 0, or none',
    'a/index.ts: maxUrlLength of upstream stock is NaN: give a number above 0, or none',
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
])('a service is found in its file: %s', (proto, service, wrong) => {
  const folder = mkdtempSync(join(tmpdir(), 'upstreams-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'stock.proto'), PROTO);
  writeFileSync(join(folder, 'broken.proto'), PROTO.replace('Get(A)', 'Get(Nothing)'));
  const module = {
    ...testModule('a', '', { upstreams: { stock: grpc({ proto: `./${proto}`, service }) } }),
    typeDefs: { text: '', file: join(folder, 'schema.graphql') },
  };
  expect(lines(wrongUpstreams(readModule(module)))).toEqual([`${folder}/index.ts: upstream stock: ${wrong}`]);
});

test('what can be called is not told', () => {
  expect(told(grpc({ proto: '../inventory/inventory.proto', service: 'inventory.v1.Inventory' }))).toEqual([]);
  expect(told(rest({ timeoutMs: 300, forward: { identity: 'token', headers: ['accept-language'] } }))).toEqual([]);
});
