import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { portOf } from '../support/processes/ports.ts';
import { ROOT, startProcess } from '../support/processes/processes.ts';

test('tributary register renews until SIGTERM, then ends the registration, with exit code 0', async () => {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    methods.push(request.method ?? '');
    response.statusCode = request.method === 'DELETE' ? 204 : 200;
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const gateway = `http://127.0.0.1:${portOf(server)}`;
  const target = ['--upstream', 'orders.orders', '--id', 'pod-1', '--address', 'http://10.0.0.5:8080'];
  const command = startProcess(
    process.execPath,
    [join(ROOT, 'src/cli/main.ts'), 'register', '--gateway', gateway, ...target, '--ttl-ms', '1000'],
    { env: { REGISTRATION_TOKEN: 'token-of-orders-1' } },
  );
  onTestFinished(async () => void (await command.stop('SIGKILL')));
  await command.waitFor(/Registered http:\/\/10\.0\.0\.5:8080/);
  await vi.waitUntil(() => methods.length >= 3, LONG_WAIT);
  expect(await command.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(methods.at(-1)).toBe('DELETE');
  expect(new Set(methods.slice(0, -1))).toEqual(new Set(['PUT']));
});
