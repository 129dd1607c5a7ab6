// One backend as a process of its own, so that it can be killed, suspended and restarted on the same ports: `node
// test/faults/backend.ts --protocol rest|grpc --port n --raw-port n --control-port n [--idle-ms n]`
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Behaviour } from './backend/behaviour.ts';
import { controlServer } from './backend/control.ts';
import { grpcServer } from './backend/grpc.ts';
import { rawGrpcServer } from './backend/raw-grpc.ts';
import { restServer } from './backend/rest.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { protocol: text, port: text, 'raw-port': text, 'control-port': text, 'idle-ms': text },
});

const port = Number(values.port);
const idleMs = values['idle-ms'] === undefined ? null : Number(values['idle-ms']);
const behaviour = new Behaviour();

await once(controlServer(behaviour).listen(Number(values['control-port']), '127.0.0.1'), 'listening');
if (values.protocol === 'grpc') {
  await grpcServer(behaviour, { port, idleMs });
  await once(rawGrpcServer(behaviour).listen(Number(values['raw-port']), '127.0.0.1'), 'listening');
} else {
  await once(restServer(behaviour, { idleMs }).listen(port, '127.0.0.1'), 'listening');
}
console.log('ready');

// The parent process is gone.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit();
}, 1_000);
