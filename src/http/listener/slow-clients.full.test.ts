import { expect, onTestFinished, test } from 'vitest';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { rawConnection } from '../../../test/support/http/raw-http.ts';

test('slowly sent headers time out, not before nine seconds, while other clients are served', async () => {
  await using rig = await publicRig();
  const dripping = await Promise.all(Array.from({ length: 50 }, () => rawConnection(rig.port)));
  const began = performance.now();
  for (const { send } of dripping) send('POST /graphql HTTP/1.1\r\nhost: gateway.test\r\n');
  let drops = 0;
  const drip = setInterval(() => {
    drops += 1;
    for (const { socket, send } of dripping) if (socket.writable) send(`x-${drops}: 1\r\n`);
  }, 500);
  onTestFinished(() => clearInterval(drip));

  const answer = await fetch(`${rig.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ hello }"}',
  });
  expect(await answer.json()).toEqual({ data: { hello: 'world' } });

  await Promise.all(dripping.map(({ closed }) => closed()));
  const tookMs = performance.now() - began;
  expect(tookMs).toBeGreaterThan(9_000);
  const [said] = await (dripping[0]?.answers(1) ?? Promise.resolve([]));
  expect(said).toMatchObject({ status: 408, headers: { connection: 'close' } });
  expect(JSON.parse(said?.body ?? '')).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});
