import { fail, notFound, UpstreamError } from 'tributary/backend';
import type { World } from './world.ts';

const SITE = { upstream: 'oracle.none', route: 'GET /none' };

const KINDS: readonly (() => unknown)[] = [
  () => new Error('broken'),
  () => new TypeError('broken'),
  () => fail('OUT_OF_STOCK', { left: 0 }),
  () => fail('NEVER_DECLARED'),
  () => notFound('not here'),
  () => new UpstreamError('NOT_FOUND', SITE, 'absent'),
  () => new UpstreamError('NOT_FOUND', SITE, 'absent'),
  () => new UpstreamError('UPSTREAM_ERROR', SITE, 'broken'),
  () => new UpstreamError('TIMEOUT', SITE, 'slow'),
];

/** An error. Its kind depends on the place. */
export const failureAt = (world: World, place: string): Error =>
  KINDS[world.draw(`kind ${place}`) % KINDS.length]?.() as Error;

/** A rejected promise that may have no handler. */
export const rejected = (error: unknown): Promise<never> => {
  const promise = Promise.reject(error);
  promise.catch(() => undefined);
  return promise;
};
