/** `node bench/codec.ts`: the protobuf codec against protobufjs and @bufbuild/protobuf, for the messages of an OrderPage. */
import { join } from 'node:path';
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import { findProto } from '../src/protobuf/find-proto.ts';
import { loadProto } from '../src/protobuf/load-proto.ts';
import { runProtoc } from '../src/protobuf/protoc.ts';
import { printIsolated } from './report/isolated.ts';

const PROTO = join(import.meta.dirname, '../schema/inventory/inventory.proto');
const [REQUEST, RESPONSE] = ['inventory.v1.BatchGetStockRequest', 'inventory.v1.BatchGetStockResponse'];
const ROWS = 55;
const CALLS = 500;

const method = loadProto(PROTO)
  .service('inventory.v1.Inventory')
  .methods.find(({ name }) => name === 'batchGetStock');
const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, runProtoc(findProto({ folder: '.', proto: PROTO }))),
);
const [request, response] = [registry.getMessage(REQUEST), registry.getMessage(RESPONSE)];
if (method === undefined || request === undefined || response === undefined)
  throw new Error('inventory.proto has changed.');
const root = protobuf.loadSync(PROTO);
const [jsRequest, jsResponse] = [root.lookupType(REQUEST), root.lookupType(RESPONSE)];

const productIds = Array.from({ length: ROWS }, (_, row) => `p${1_000 + row}`);
const stocks = productIds.map((productId, row) => ({ productId, available: 7 * row, warehouse: 'Hamburg' }));
const bytes = Buffer.from(jsResponse.encode(jsResponse.fromObject({ stocks })).finish());

/** The same result by each library. Neither row has a memory limit, and @bufbuild's has no conversion. */
const CONTENDERS: Readonly<Record<string, () => unknown>> = {
  'decode, own': () => method.decode(bytes),
  'decode, protobufjs with toObject': () =>
    jsResponse.toObject(jsResponse.decode(bytes), { longs: String, enums: String, defaults: true }),
  'decode, @bufbuild/protobuf': () => fromBinary(response, bytes),
  'encode, own': () => method.encode({ productIds }),
  'encode, protobufjs with verify': () =>
    jsRequest.verify({ productIds }) ?? jsRequest.encode(jsRequest.fromObject({ productIds })).finish(),
  'encode, @bufbuild/protobuf': () => toBinary(request, Object.assign(create(request), { productIds })),
};

printIsolated(CONTENDERS, CALLS);
