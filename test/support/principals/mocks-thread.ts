import { parentPort, workerData } from 'node:worker_threads';
import { MOCK_NAMES, type MockName, startMock } from '../../../services-mock/start.ts';
import { MockSizes, type StartedMock } from './mocks.ts';

const sizes = MockSizes.parse(workerData);

const start = async (name: MockName): Promise<StartedMock> => {
  // Orders have no text that could carry a mark.
  const { url, controlUrl } = await startMock(name, { sizes, stamp: name === 'orders' ? 'field' : 'text' });
  return { name, url, controlUrl };
};

parentPort?.postMessage(await Promise.all(MOCK_NAMES.map(start)));
