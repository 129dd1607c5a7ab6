import { failed, failures, type LoadOptions, type Sample } from '../load.ts';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found, percent } from './promise.ts';

const GOAL = 0.99;
const FOR_MS = 4_000;
const CALLERS = 20;
const ROUTES = ['GET /cards/{id}', 'GET /charges/{id}', 'GET /rates'];

const callerAt = (index: number): string => `user-${index % CALLERS}`;

/** Reads of many callers on several routes. */
const goodCalls = (prefix: string, isIdentified = false): LoadOptions => ({
  perSecond: 60,
  forMs: FOR_MS,
  prefix,
  as: (index) => ({ caller: callerAt(index), route: ROUTES[index % ROUTES.length] ?? '', isIdentified }),
});

const served = (samples: readonly Sample[]): number => 1 - failed(samples) / samples.length;

/** Good calls and calls that make trouble, side by side. Returns the good ones. */
const beside = async (rig: Rig, good: LoadOptions, bad: LoadOptions): Promise<readonly Sample[]> => {
  const [samples, trouble] = await Promise.all([rig.load(good).done, rig.load(bad).done]);
  if (failed(trouble) < trouble.length) throw new Error('the trouble was answered');
  return samples;
};

const verdictOn = (what: string, samples: readonly Sample[]) =>
  found(`${percent(served(samples))} of ${samples.length} good calls served beside ${what}`, [
    served(samples) < GOAL && failures(samples),
  ]);

export const badCards: FaultPromise = {
  id: 'bad-cards',
  promises:
    'a lone endpoint, 70 % of the calls are writes of one route that are all application errors: at least 99 % of the other calls are served',
  run: async ({ open }) => {
    await using rig = await open({ backends: 1 });
    await rig.warmUp();
    await rig.backend(0).conduct({ trouble: { bad: 'exception' } });
    const bad = { kind: 'write', perSecond: 140, forMs: FOR_MS, prefix: 'bad' } as const;
    const as = (index: number) => ({ caller: callerAt(index), route: 'POST /charges' });
    return verdictOn('bad cards', await beside(rig, goodCalls('good'), { ...bad, as }));
  },
};

export const abusiveCaller: FaultPromise = {
  id: 'abusive-caller',
  promises:
    'one caller sends 80 % of the calls and gets 429 with 60 s to wait from all 3: at least 99 % of the others are served, and it is sent on before the first answers only (a tenth of its calls at most)',
  run: async ({ open }) => {
    await using rig = await open();
    await rig.warmUp();
    for (const backend of rig.backends) await backend.conduct({ trouble: { greedy: 'busy' }, retryAfterS: 60 });
    await Promise.all(rig.backends.map((backend) => backend.forget()));
    const as = () => ({ caller: 'mallory', isIdentified: true, route: ROUTES[0] ?? '' });
    const greedy = { perSecond: 240, forMs: FOR_MS, prefix: 'greedy', as };
    const samples = await beside(rig, goodCalls('good', true), greedy);
    const seen = await Promise.all(rig.backends.map((backend) => backend.seen()));
    const sent = seen.flatMap(({ deadlines }) => Object.keys(deadlines)).filter((id) => id.startsWith('greedy')).length;
    const { figure, verdict } = verdictOn(`one that was sent on ${sent} times`, samples);
    return sent > (greedy.perSecond * FOR_MS) / 10_000
      ? found(figure, ['the caller was sent on too often'])
      : { figure, verdict };
  },
};

export const brokenRoute: FaultPromise = {
  id: 'broken-route',
  promises:
    'a lone endpoint, 70 % of the calls are to one route that answers 200 with text (gRPC: a message that does not decode): at least 99 % of the others are served',
  run: async ({ open }) => {
    await using rig = await open({ backends: 1 });
    await rig.warmUp();
    await rig.backend(0).conduct({ trouble: { text: 'text' } });
    const as = (index: number) => ({ caller: callerAt(index), route: 'GET /report' });
    const broken = { perSecond: 140, forMs: FOR_MS, prefix: 'text', as };
    return verdictOn('a broken route', await beside(rig, goodCalls('good'), broken));
  },
};

export const loneEndpoint: FaultPromise = {
  id: 'lone-endpoint',
  promises:
    'a lone endpoint fails 40 % of the calls, by errors or by being unavailable: at most 1 % of the calls are refused without being sent',
  run: async ({ open }) => {
    await using rig = await open({ backends: 1 });
    await rig.warmUp();
    const refused: string[] = [];
    const problems: string[] = [];
    for (const failure of ['exception', 'unavailable'] as const) {
      await rig.reconnect();
      await rig.backend(0).conduct({ failShare: 0.4, failure });
      const samples = await rig.load({ ...goodCalls(failure), perSecond: 150 }).done;
      const count = rig.events.filter((event) => event.is === 'refusal' && event.reason === 'no-endpoint').length;
      refused.push(`${count} of ${samples.length} refused beside 40 % ${failure}`);
      if (count > samples.length * (1 - GOAL)) problems.push(`${failure}: ${count} refused`);
      if (failed(samples) === 0) problems.push(`${failure} was never met`);
    }
    return found(refused.join('; '), problems);
  },
};
