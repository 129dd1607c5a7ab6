import { expect, test } from 'vitest';
import { anonymousRequest } from '../../../test/support/gateway/executed.ts';
import { plain } from '../../../test/support/modules/small-modules.ts';
import { systemClock } from '../../core/clock.ts';
import { bindBackend } from './bind.ts';
import { BatchScheduler } from './key-loader.ts';

test('resolvers receive an AbortSignal for fetch that aborts with the request', () => {
  const controller = new AbortController();
  const module = plain('greetings', 'type Query { greeting: String }', {});
  const { context } = bindBackend(
    { module, upstreams: {} },
    { ...anonymousRequest(), signal: controller.signal },
    { scheduler: new BatchScheduler(), clock: systemClock },
  );
  const { signal: given } = context;
  expect(given).toBeInstanceOf(AbortSignal);
  expect(given.aborted).toBe(false);
  controller.abort(new Error('The client has left.'));
  expect(given.reason).toMatchObject({ message: 'The client has left.' });
});
