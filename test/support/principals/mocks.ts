import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { MOCK_NAMES } from '../../../services-mock/start.ts';

export const MockSizes = z.object({ customers: z.int(), products: z.int(), orders: z.int() });
type MockSizes = z.infer<typeof MockSizes>;

const Started = z.array(z.object({ name: z.enum(MOCK_NAMES), url: z.string(), controlUrl: z.string() }));

/** Addresses of a mock. */
export type StartedMock = z.infer<typeof Started>[number];

export interface Mocks {
  readonly mocks: readonly StartedMock[];
  close(): Promise<void>;
}

/** Starts every mock, with marks, in a thread of its own, so that the gateway and its callers have this one. */
export const startMocks = async (sizes: MockSizes): Promise<Mocks> => {
  const worker = new Worker(new URL('mocks-thread.ts', import.meta.url), { workerData: sizes });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.once('message', resolve).once('error', reject);
  const mocks = Started.parse(await promise);
  return {
    mocks,
    close: async () => {
      await worker.terminate();
    },
  };
};
