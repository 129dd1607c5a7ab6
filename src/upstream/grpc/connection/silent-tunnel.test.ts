import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { forwardProxy } from '../../../../test/support/backends/forward-proxy.ts';
import { callOf, endpointAt } from '../../../../test/support/grpc/grpc-server.ts';
import { openTransport } from '../../../../test/support/grpc/grpc-transport.ts';
import { listedProxies, PASSWORD } from '../../../../test/support/upstream/proxied-transport.ts';
import { failureOf } from '../../../../test/support/upstream/rest-transport.ts';

test.each(['grpc', 'grpcs'])(
  'a tunnel to a server that never answers is closed with the connect timeout: %s',
  async (scheme) => {
    const open = new Set<Socket>();
    const silent = createServer((socket) => {
      open.add(socket.on('error', () => {}).resume());
      socket.once('close', () => open.delete(socket));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const proxy = await forwardProxy(PASSWORD);
    const { registry, proxiesOf } = listedProxies([proxy]);
    const { send } = openTransport({ proxiesOf, proxies: registry, connectTimeoutMs: 500 });
    const failure = await failureOf(send(callOf(endpointAt(port, scheme), 'reserve', {})));
    expect(failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(proxy.tunnels).toEqual([`127.0.0.1:${port}`]);
    await expect.poll(() => open.size, { timeout: 60_000 }).toBe(0);
  },
);
