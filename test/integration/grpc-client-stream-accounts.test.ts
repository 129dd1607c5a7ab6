import { status } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { libraryServer } from '../support/modules/library.ts';
import { books, type Clients, countAll, gatewayTo, type Upload } from '../support/modules/library-streams.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const upload = ({ books: client }: Clients) => client.returnBooks(books(3).messages);

test('a client-streaming call is in flight until its answer: with one call allowed, the next one waits', async () => {
  const replies: (() => void)[] = [];
  let open = 0;
  let most = 0;
  const ReturnBooks: Upload = (call, reply) => {
    open += 1;
    most = Math.max(most, open);
    call.resume();
    call.on('end', () =>
      replies.push(() => {
        open -= 1;
        reply(null, { count: most });
      }),
    );
  };
  await using server = await libraryServer({ ReturnBooks });
  await using gateway = await gatewayTo([server.port], upload, {}, { limits: { inFlight: 1 } });
  const answers = [gateway.query('{ run }'), gateway.query('{ run }')];
  for (let answered = 0; answered < 2; answered += 1) {
    await vi.waitFor(() => expect(replies).toHaveLength(1), LONG_WAIT);
    replies.pop()?.();
  }
  expect((await Promise.all(answers)).map(({ data }) => data)).toEqual([{ run: { count: 1 } }, { run: { count: 1 } }]);
});

test('refused client-streaming calls open the circuit of their endpoint', async () => {
  let refused = 0;
  const ReturnBooks: Upload = (_call, reply) => {
    refused += 1;
    reply({ code: status.UNAVAILABLE, details: 'restarting' });
  };
  await using refusing = await libraryServer({ ReturnBooks });
  await using counting = await libraryServer({ ReturnBooks: countAll });
  const circuit = { consecutiveFailures: 2, openMs: 60_000 };
  await using gateway = await gatewayTo([refusing.port, counting.port], upload, {}, { circuit });
  const runs: unknown[] = [];
  for (let call = 0; call < 3; call += 1) runs.push((await gateway.query('{ run }')).data);
  expect(runs).toEqual([{ run: null }, { run: null }, { run: { count: 3 } }]);
  expect(refused).toBe(2);
});
