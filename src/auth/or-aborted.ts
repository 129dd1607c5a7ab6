import type { Authentication } from './authenticator.ts';

/** Ends a wait for a verification that was aborted. The work in flight has its own timeout, and a retry shares it. */
export const orAborted = (authentication: Promise<Authentication>, signal: AbortSignal): Promise<Authentication> => {
  const { promise, resolve, reject } = Promise.withResolvers<Authentication>();
  const abort = (): void => resolve({ is: 'unverifiable', retryAfterS: 1 });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  authentication.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', abort));
};
