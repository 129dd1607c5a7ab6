import { expect, onTestFinished, test } from 'vitest';
import { routedGateway } from '../../support/gateway/routed-gateway.ts';
import { http2Client, listenerTls, secureSocket } from '../../support/http/tls-rig.ts';
import { echoBackend, frame, webSocketOver } from '../../support/http/websocket.ts';
import { filesModule } from '../../support/modules/files-module.ts';

test('WebSockets of a pass-through route are echoed over TLS', async () => {
  const { tls, close } = await listenerTls();
  onTestFinished(close);
  await using backend = await echoBackend();
  await using gateway = await routedGateway([filesModule], () => {}, { urls: [backend.url], config: { tls } });
  const socket = await secureSocket(gateway.port, { ALPNProtocols: ['http/1.1'] });
  const client = await webSocketOver(socket, '/live?room=1');
  expect(client.head.split('\r\n')[0]).toBe('HTTP/1.1 101 Switching Protocols');
  const messages = Array.from({ length: 1_000 }, (_, n) => `${n} ${'x'.repeat(n % 300)}`);
  socket.write(Buffer.concat(messages.map((message) => frame(message))));
  const frames = await client.frames(messages.length);
  expect(frames.map(({ payload }) => String(payload))).toEqual(messages);
  socket.destroy();
});

test('a body of 5 MiB is passed on over HTTP/2, and the answer comes back', async () => {
  const { tls, close } = await listenerTls();
  onTestFinished(close);
  await using gateway = await routedGateway(
    [filesModule],
    (request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      request.on('end', () => response.setHeader('content-type', 'text/plain').end('y'.repeat(bytes)));
    },
    { config: { tls } },
  );
  await using client = await http2Client(gateway.port);
  const answer = await client.request({ ':method': 'POST', ':path': '/uploads' }, 'x'.repeat(5 * 1_048_576));
  expect([answer.status, answer.body.length]).toEqual([200, 5 * 1_048_576]);
});
