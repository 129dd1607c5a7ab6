import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, Server, ServerCredentials, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO = fileURLToPath(new URL('../../schema/inventory/inventory.proto', import.meta.url));
const ROWS = 60;

const stocks = Array.from({ length: ROWS }, (_, at) => ({
  product_id: `p${at + 1}`,
  available: (at * 37) % 500,
  warehouse: `Warehouse ${at % 7}`,
}));
const body = JSON.stringify(stocks);

const startHttp = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer((_request, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      answer.end(body);
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });

const startGrpc = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const loaded = loadPackageDefinition(loadSync(PROTO, { keepCase: true }));
    // Written down in the .proto: proto-loader knows it only as a tree of names.
    const { Inventory } = (loaded.inventory as unknown as { v1: { Inventory: ServiceClientConstructor } }).v1;
    const server = new Server();
    server.addService(Inventory.service, {
      batchGetStock: (_call: unknown, answer: (error: null, value: unknown) => void) => answer(null, { stocks }),
    });
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });

/** The backends of the measurement, in a process of their own, each with an answer of 60 rows. Tells its ports to whoever forked it. */
process.send?.({ http: await startHttp(), grpc: await startGrpc() });
process.on('disconnect', () => process.exit(0));
