import { request } from 'node:http';
import { expect } from 'vitest';
import type { BackendName } from '../../../services-mock/start.ts';
import type { LoggedCall, Shop } from './gateway.ts';

/** Sends the document on a separate connection. @returns a function that closes the connection. */
export const askAndLeave = (url: URL, document: string): (() => void) => {
  const body = JSON.stringify({ query: document });
  const asking = request(url, { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } });
  asking.on('error', () => {}); // the connection is destroyed by the test
  asking.end(body);
  return () => asking.destroy();
};

/** Waits for the only call to a backend, and until `is` holds for it. */
export const callOf = async (
  shop: Shop,
  backend: BackendName,
  is: (call: LoggedCall) => boolean = () => true,
): Promise<LoggedCall> => {
  const found = await expect
    .poll(async () => (await shop.calls())[backend].find(is) ?? null)
    .not.toBeNull()
    .then(() => shop.calls());
  const [call, ...more] = found[backend];
  if (call === undefined) throw new Error(`${backend} received no call.`);
  expect(more).toEqual([]);
  return call;
};

export const isAborted = ({ aborted }: LoggedCall): boolean => aborted;
