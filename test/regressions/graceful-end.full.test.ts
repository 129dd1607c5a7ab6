import { expect, test } from 'vitest';
import { startSmall } from '../support/gateway/small-process.ts';

test.each(['SIGHUP', 'SIGINT'] as const)('%s ends the process after the request in flight', async (signal) => {
  const gateway = await startSmall({ env: { LOG_LEVEL: 'error' } });
  const slow = gateway.post('{ busy(ms: 100) slow(ms: 1000) }');
  await gateway.waitFor(/busy/);
  process.kill(gateway.pid, signal);
  await gateway.waitFor(new RegExp(`${signal} received`));
  expect(await slow).toMatchObject({ status: 200, text: expect.stringContaining('"slow":"done"') });
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
});
