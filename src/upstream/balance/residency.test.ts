import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf } from '../../../test/support/upstream/scripted-send.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { UpstreamError } from '../../core/errors.ts';
import { endpointAt } from '../endpoints/endpoint.ts';

test.each([true, false])('with residency %s, a call leaves its region only without it', async (residency) => {
  const upstream = stacked(
    async (call) => {
      if (call.endpoint?.labels.region !== 'eu') return answer('elsewhere');
      throw new UpstreamError('SERVICE_UNAVAILABLE', call, 'no connection');
    },
    {
      clock: manualClock(),
      region: 'eu',
      endpoints: [
        endpointAt('http://a', { labels: { region: 'eu' } }),
        endpointAt('http://b', { labels: { region: 'us' } }),
        endpointAt('http://c'),
      ],
      traffic: { balance: { residency }, retry: false },
    },
  );
  const sendCall = () => upstream.send(restCall());
  for (let call = 0; call < 40; call += 1) await sendCall().catch(() => {});
  if (residency) expect(await failureOf(sendCall())).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  else expect((await sendCall()).value).toBe('elsewhere');
});
