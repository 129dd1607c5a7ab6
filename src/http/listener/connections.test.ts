import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test, vi } from 'vitest';
import { bodiless, rawConnection } from '../../../test/support/http/raw-http.ts';
import { trackConnections } from './connections.ts';

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
};

test('an idle connection does not keep its last response, nor the body of it', async () => {
  let answered: WeakRef<ServerResponse> | undefined;
  const server = createServer((_request, response) => {
    answered = new WeakRef(response);
    response.end('body');
  });
  trackConnections(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const connection = await rawConnection((server.address() as AddressInfo).port);
  onTestFinished(() => void connection.socket.destroy());
  connection.send(bodiless('GET', '/'));
  expect((await connection.answers(1))[0]?.body).toBe('body');
  await vi.waitUntil(() => {
    collectGarbage();
    return answered?.deref() === undefined;
  });
  expect(connection.socket.destroyed).toBe(false);
});
