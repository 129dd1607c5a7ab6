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

/** Errors of a service: the gateway knows their code only. */
const SERVICE_KINDS: typeof KINDS = [
  () => new UpstreamError('NOT_FOUND', SITE, 'absent'),
  () => new UpstreamError('UPSTREAM_ERROR', SITE, 'broken'),
  () => new UpstreamError('UPSTREAM_ERROR', SITE, 'broken'),
];

/** An error of a module. Its kind depends on the place. */
export const failureAt = (world: World, module: string, place: string): Error => {
  const kinds = world.services.has(module) ? SERVICE_KINDS : KINDS;
  return kinds[world.draw(`kind ${place}`) % kinds.length]?.() as Error;
};

/** A rejected promise that may have no handler. */
export const rejected = (error: unknown): Promise<never> => {
  const promise = Promise.reject(error);
  promise.catch(() => undefined);
  return promise;
};
