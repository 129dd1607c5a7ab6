// Servers with random answers, as a process of their own: `node test/soak/faulty-servers.ts --seed n` prints the port
// of its statistics, then those of three REST servers and three gRPC servers.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Server } from 'node:net';
import { parseArgs } from 'node:util';
import { portOf } from '../support/processes/ports.ts';
import { seeded } from '../support/random/seeded.ts';
import { faultyGrpc } from './faulty-grpc.ts';
import { faultyRest } from './faulty-rest.ts';
import type { Held } from './held.ts';

const SERVERS = 3;
const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' } } });
const random = seeded(Number(values.seed));

const counting = (server: Server): Held => {
  const held: Held = { sockets: 0, mostSockets: 0, requests: 0 };
  server.on('connection', (socket) => {
    held.sockets += 1;
    held.mostSockets = Math.max(held.mostSockets, held.sockets);
    socket.on('error', () => {});
    socket.once('close', () => {
      held.sockets -= 1;
    });
  });
  return held;
};

const listening = async (server: Server): Promise<number> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return portOf(server);
};

const all: Record<'rest' | 'grpc', { readonly port: number; readonly held: Held }[]> = { rest: [], grpc: [] };
for (let index = 0; index < SERVERS; index += 1) {
  const rest = createServer();
  const ofRest = counting(rest);
  rest.on('request', faultyRest(random, ofRest));
  all.rest.push({ port: await listening(rest), held: ofRest });

  const grpc = createHttp2Server({ settings: { maxConcurrentStreams: 20 } });
  const ofGrpc = counting(grpc);
  grpc.on('stream', faultyGrpc(random, ofGrpc));
  grpc.on('session', (session) => session.on('error', () => {}));
  grpc.on('sessionError', () => {});
  all.grpc.push({ port: await listening(grpc), held: ofGrpc });
}

const control = createServer((_request, response) => {
  response.setHeader('connection', 'close');
  response.end(JSON.stringify({ rest: all.rest.map(({ held }) => held), grpc: all.grpc.map(({ held }) => held) }));
});
const ports = [...all.rest, ...all.grpc].map(({ port }) => port);
console.log(`ready: ${[await listening(control), ...ports].join(' ')}`);

// The parent process is gone.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit();
}, 1_000);
