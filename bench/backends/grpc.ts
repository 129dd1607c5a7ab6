import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { lowStockOf, stocksOf } from './data.ts';
import { kept } from './kept.ts';
import type { Traffic } from './traffic.ts';

const PROTO = fileURLToPath(new URL('../../schema/inventory/inventory.proto', import.meta.url));
const PREFIX_BYTES = 5;
const UNAVAILABLE = '14';
const OK = '0';

const root = protobuf.loadSync(PROTO);
const type = (name: string): protobuf.Type => root.lookupType(`inventory.v1.${name}`);

const framed = (bytes: Uint8Array): Buffer => {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
};

const batch = (request: Uint8Array): readonly object[] => {
  const { productIds = [] } = type('BatchGetStockRequest').toObject(type('BatchGetStockRequest').decode(request));
  return stocksOf(productIds);
};

const low = (request: Uint8Array): readonly object[] => {
  const asked = type('ListLowStockRequest').toObject(type('ListLowStockRequest').decode(request));
  return lowStockOf(asked.below, asked.limit).map((productId) => ({ productId, available: 1, warehouse: 'W1' }));
};

/** Frames by the bytes of the request: both answers are a list of stocks. */
const answers = (rows: (request: Uint8Array) => readonly object[]) =>
  kept((latin1) => {
    const request = Buffer.from(latin1, 'latin1').subarray(PREFIX_BYTES);
    const response = type('BatchGetStockResponse');
    return framed(response.encode(response.fromObject({ stocks: rows(request) })).finish());
  });

const METHODS = new Map([
  ['/inventory.v1.Inventory/BatchGetStock', answers(batch)],
  ['/inventory.v1.Inventory/ListLowStock', answers(low)],
]);

// grpc.health.v1.HealthCheckResponse with SERVING.
const SERVING = framed(Uint8Array.of(8, 1));
const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

const respond = (stream: ServerHttp2Stream, body: Buffer | null): void => {
  if (stream.destroyed) return;
  if (body === null) {
    stream.respond({ ...HEAD, 'grpc-status': UNAVAILABLE }, { endStream: true });
    return;
  }
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': OK }));
  stream.respond(HEAD, { waitForTrailers: true });
  stream.end(body);
};

/** The inventory's service with frames that are kept by the request's bytes. Resolves with its port. */
export const serveGrpc = (traffic: Traffic): Promise<number> => {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, { ':path': path = '' }: IncomingHttpHeaders) => {
    const answer = METHODS.get(path);
    let request = '';
    stream.setEncoding('latin1');
    stream.on('data', (text: string) => {
      request += text;
    });
    stream.on('error', () => stream.destroy());
    stream.on('end', () => {
      if (answer === undefined) respond(stream, SERVING);
      else traffic.answer('stock', (failing) => respond(stream, failing ? null : answer(request)));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
};
