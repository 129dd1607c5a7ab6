import type { WindowState } from '../limiter.ts';
import type { HeaderChoice, NamedRate } from './rule.ts';

/** A rate with its state after a request. */
export interface RateState {
  readonly named: NamedRate;
  readonly state: WindowState;
}

const inSeconds = (ms: number): number => Math.ceil(ms / 1_000);

/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.html; names in lower case. */
const standard = (states: readonly RateState[]): Readonly<Record<string, string>> => {
  let policies = '';
  let limits = '';
  for (const { named, state } of states) {
    const comma = limits === '' ? '' : ', ';
    policies += comma + named.item;
    limits += `${comma}"${named.policy}";r=${state.remaining};t=${inSeconds(state.resetMs)}`;
  }
  return { 'ratelimit-policy': policies, ratelimit: limits };
};

const isTighter = (one: RateState, than: RateState): boolean =>
  one.state.remaining < than.state.remaining ||
  (one.state.remaining === than.state.remaining && one.state.resetMs > than.state.resetMs);

/** Adds the state of a rate; of several counters of one rate, the state of the tightest. */
export const addState = (states: RateState[], one: RateState): void => {
  let at = 0;
  while (at < states.length && states[at]?.named !== one.named) at += 1;
  const known = states[at];
  if (known === undefined || isTighter(one, known)) states[at] = one;
};

/** Headers of many APIs without a specification. Here the reset is in seconds from now. */
const legacy = (states: readonly RateState[]): Readonly<Record<string, string>> => {
  const [first, ...others] = states;
  if (first === undefined) return {};
  const { named, state } = others.reduce((tightest, one) => (isTighter(one, tightest) ? one : tightest), first);
  return {
    'x-ratelimit-limit': String(named.rate.limit),
    'x-ratelimit-remaining': String(state.remaining),
    'x-ratelimit-reset': String(inSeconds(state.resetMs)),
  };
};

/** Returns the headers about the state of rates. The legacy ones are about the rate with the fewest remaining units. */
export const limitHeaders = (states: readonly RateState[], choice: HeaderChoice): Readonly<Record<string, string>> => {
  if (states.length === 0) return {};
  if (!choice.legacy) return choice.standard ? standard(states) : {};
  return { ...(choice.standard && standard(states)), ...legacy(states) };
};
