import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answer, endpoint, restCall } from '../../test/support/calls.ts';
import { UpstreamError } from '../errors.ts';
import { balance } from './balance.ts';
import type { Answer, Send } from './call.ts';
import type { Endpoint } from './endpoint.ts';

const weighted = (...weights: readonly number[]): Endpoint[] =>
  weights.map((weight, index) => endpoint(`http://e${index}`, { weight }));

/** Where calls go, by host. Those that are told to wait are in flight until they are finished. */
const recorder = () => {
  const hosts: string[] = [];
  const send: Send = async (call) => {
    hosts.push(call.endpoint?.url.host ?? 'nowhere');
    return answer();
  };
  return { hosts, send };
};

const sendMany = async (endpoints: readonly Endpoint[], count: number): Promise<string[]> => {
  const { hosts, send } = recorder();
  const balanced = balance(endpoints)(send);
  for (let sent = 0; sent < count; sent++) await balanced(restCall());
  return hosts;
};

const countOf = (hosts: readonly string[], host: string) => hosts.filter((one) => one === host).length;

test('over a cycle each endpoint has exactly its share, in every cycle', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      async (weights, cycles) => {
        const cycle = weights.reduce((sum, weight) => sum + weight, 0);
        const hosts = await sendMany(weighted(...weights), cycle * cycles);
        for (let at = 0; at < hosts.length; at += cycle)
          expect(weights.map((_, index) => countOf(hosts.slice(at, at + cycle), `e${index}`))).toEqual(weights);
      },
    ),
  );
});

test('at no moment is an endpoint a whole call behind its share, or ahead of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 2 }), async (weights) => {
      const cycle = weights.reduce((sum, weight) => sum + weight, 0);
      const hosts = await sendMany(weighted(...weights), cycle);
      for (let sent = 1; sent <= cycle; sent++)
        for (const [index, weight] of weights.entries())
          expect(Math.abs(countOf(hosts.slice(0, sent), `e${index}`) - (sent * weight) / cycle)).toBeLessThanOrEqual(1);
    }),
  );
});

test('the heavy endpoint’s turns are spread among the others’, not one after the other', async () => {
  expect(await sendMany(weighted(5, 1, 1), 7)).toEqual(['e0', 'e0', 'e1', 'e0', 'e2', 'e0', 'e0']);
});

/** Calls that stay in flight until they are finished. */
const held = () => {
  const open: { readonly host: string; readonly finish: (outcome: Answer | Error) => void }[] = [];
  const send: Send = (call) =>
    new Promise((resolve, reject) =>
      open.push({
        host: call.endpoint?.url.host ?? 'nowhere',
        finish: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)),
      }),
    );
  return { open, send };
};

test('an endpoint at its maximum is passed over until one of its calls has ended, well or not', async () => {
  const { open, send } = held();
  const balanced = balance([endpoint('http://a', { max: 1 }), endpoint('http://b', { max: 2 })])(send);
  const calls = [1, 2, 3].map(() => balanced(restCall()));
  expect(open.map(({ host }) => host)).toEqual(['a', 'b', 'b']);

  open[0]?.finish(answer());
  await calls[0];
  const failing = balanced(restCall());
  expect(open.at(-1)?.host).toBe('a');

  open[3]?.finish(new Error('reset'));
  await expect(failing).rejects.toThrow('reset');
  void balanced(restCall());
  expect(open.at(-1)?.host).toBe('a');
});

test('with every endpoint at its maximum a call is refused at once, and nothing is sent', async () => {
  const { open, send } = held();
  const balanced = balance([endpoint('http://a', { max: 2 })])(send);
  void balanced(restCall());
  void balanced(restCall());
  const refused = await balanced(restCall()).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UpstreamError);
  expect(refused).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(open).toHaveLength(2);
});

test('an upstream without endpoints refuses every call', async () => {
  const { hosts, send } = recorder();
  await expect(balance([])(send)(restCall())).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(hosts).toEqual([]);
});

test('the call goes on as it is but for its endpoint', async () => {
  const call = restCall();
  const target = endpoint('http://a');
  const seen: unknown[] = [];
  await balance([target])(async (sent) => {
    seen.push(sent);
    return answer();
  })(call);
  expect(seen).toEqual([{ ...call, endpoint: target }]);
  expect(call.endpoint).toBeNull();
});
