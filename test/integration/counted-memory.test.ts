import { expect, test } from 'vitest';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { RequestMemory } from '../../src/request/request-context.ts';
import type { Answer, Send } from '../../src/upstream/call.ts';
import { gatewayOver, notesBackend, notesModule } from '../support/gateway/entities.ts';

const LENGTH = 10_000;
const NOTES = '{ notes(ids: ["1"]) { id reader } }';

/** An account that ends its request above a limit. */
const account = (limit = Number.POSITIVE_INFINITY) => {
  const counted = { bytes: 0 };
  const memory: RequestMemory = {
    grow: (bytes) => {
      counted.bytes += bytes;
      return counted.bytes <= limit;
    },
    mayEnd: () => {},
  };
  return { counted, memory };
};

const LONG = 'x'.repeat(LENGTH);
const long = notesBackend((_call, id) => ({ id, reader: LONG }));

test('a value of the cache counts as memory of each request that reads it, before it is parsed', async () => {
  const runQuery = gatewayOver([notesModule()], memoryStore(systemClock), long.send);
  await runQuery(NOTES);
  const { counted, memory } = account();
  expect((await runQuery(NOTES, { memory })).data).toEqual({ notes: [{ id: '1', reader: LONG }] });
  expect(long.calls).toHaveLength(1);
  expect(counted.bytes).toBeGreaterThan(8 * LENGTH);

  const { data, errors } = await runQuery(NOTES, { memory: account(4 * LENGTH).memory });
  expect(data).toEqual({ notes: [null] });
  expect(errors).toMatchObject([{ extensions: { code: 'OVERLOADED' } }]);
});

test('a compressed answer counts with its size after decompression', async () => {
  const sized =
    (sizes: Pick<Answer, 'size' | 'plainSize'>): Send =>
    async (call) => ({ ...(await long.send(call)), ...sizes });
  const countedOf = async (sizes: Pick<Answer, 'size' | 'plainSize'>) => {
    const { counted, memory } = account();
    await gatewayOver([notesModule()], null, sized(sizes))(NOTES, { memory });
    return counted.bytes;
  };
  expect(await countedOf({ size: 100 })).toBeLessThan(8 * LENGTH);
  expect(await countedOf({ size: 100, plainSize: LENGTH })).toBeGreaterThanOrEqual(8 * LENGTH);
});
