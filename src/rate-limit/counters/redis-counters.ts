import { createHash } from 'node:crypto';
import { counterKey } from './counter-key.ts';
import type { Charge, Charged, Correction, Counters, Demand, Grant, TakenPlace } from './counters.ts';
import { RETURN_SCRIPT, TAKE_SCRIPT } from './take-script.ts';

interface ScriptCall {
  readonly keys: string[];
  readonly arguments: string[];
}

/** The parts of a Redis connection that counters use. */
export interface ScriptRunner {
  readonly client: {
    eval(script: string, call: ScriptCall): Promise<unknown>;
    evalSha(sha: string, call: ScriptCall): Promise<unknown>;
  };
  /** Runs a call on the way of a request, with a short timeout; rejects without running it while Redis is known to be unavailable. */
  guarded<T>(call: () => Promise<T>): Promise<T>;
}

interface Script {
  readonly text: string;
  readonly sha: string;
}

const scriptOf = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') });

const RETURN = scriptOf(RETURN_SCRIPT);

/** The most places that wait to be returned. */
const MAX_LOST = 10_000;

const isUnknown = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT');

const ignored = (): void => {};

/** A correction needs no units: it is counted above the limit, too. */
const NEEDS_NOTHING = Number.MIN_SAFE_INTEGER;

const flag = (value: boolean): string => (value ? '1' : '0');

const chargeArguments = ({ rate, needed, amount, isEnforced }: Charge): readonly string[] => [
  rate.algorithm,
  String(rate.limit),
  String(rate.seconds * 1_000),
  String(rate.burst),
  String(needed),
  String(amount),
  flag(isEnforced),
];

const placeArguments = ({ slots, holder, ms, isEnforced }: TakenPlace): readonly string[] => [
  String(slots),
  holder,
  String(ms),
  flag(isEnforced),
];

const readCharged = (texts: readonly unknown[], index: number): Charged => {
  const [wait = Number.NaN, rest = Number.NaN, reset = Number.NaN] = texts.slice(index * 3, index * 3 + 3).map(Number);
  if (Number.isNaN(wait + rest + reset)) throw new Error('Redis returned no state of a counter.');
  return {
    admitted: wait === 0,
    remaining: Math.max(Math.floor(rest + 1e-6), 0),
    resetMs: reset,
    retryMs: wait < 0 ? Number.POSITIVE_INFINITY : wait,
  };
};

export interface RedisCountersOptions {
  /** Prefix of every key. Default `tributary:limit`. */
  readonly namespace?: string;
  /** The script that takes. Default: TAKE_SCRIPT. */
  readonly script?: string;
}

/** Counters that all gateways with one Redis share. Everything that a request takes is one call. Rejects without Redis. */
export class RedisCounters implements Counters {
  readonly #redis: ScriptRunner;
  readonly #namespace: string;
  readonly #take: Script;
  /** Places that Redis may still count, because the connection was lost. They are returned after the next answer. */
  readonly #lost: TakenPlace[] = [];

  constructor(redis: ScriptRunner, { namespace = 'tributary:limit', script = TAKE_SCRIPT }: RedisCountersOptions = {}) {
    this.#redis = redis;
    this.#namespace = namespace;
    this.#take = scriptOf(script);
  }

  async take(demand: Demand): Promise<Grant> {
    const { charges, places } = demand;
    const result = await this.#result(demand);
    if (this.#lost.length > 0) this.#returnPlaces(this.#lost.splice(0));
    const texts = Array.isArray(result) ? result : [];
    return {
      charges: charges.map((_, index) => readCharged(texts, index)),
      places: places.map((_, index) => readCharged(texts, charges.length + index)),
      settle: (corrections, returned) => this.#settle(corrections, returned),
    };
  }

  /** Nobody knows of the places of a call that was answered too late, or not: they are returned. */
  async #result(demand: Demand): Promise<unknown> {
    const started: Promise<unknown>[] = [];
    try {
      return await this.#redis.guarded(() => {
        const running = this.#run(this.#take, this.#callOf(demand));
        started.push(running);
        return running;
      });
    } catch (error) {
      for (const late of started)
        late.then(
          () => this.#returnPlaces(demand.places),
          () => this.#lose(demand.places),
        );
      throw error;
    }
  }

  /** The call of the script that takes. */
  #callOf({ charges, places }: Demand): ScriptCall {
    return {
      keys: [...charges.map(({ key, rate }) => this.#keyOf(counterKey(key, rate))), ...places.map(this.#placesOf)],
      arguments: [String(charges.length), ...charges.flatMap(chargeArguments), ...places.flatMap(placeArguments)],
    };
  }

  readonly #placesOf = ({ key }: TakenPlace): string => this.#keyOf(`places:${key}`);

  #keyOf(key: string): string {
    return `${this.#namespace}:${key}`;
  }

  /** Nobody waits for it: while a connection is there, it is sent even if Redis is slow. */
  #returnPlaces(returned: readonly TakenPlace[]): void {
    if (returned.length === 0) return;
    const call = { keys: returned.map(this.#placesOf), arguments: returned.map(({ holder }) => holder) };
    this.#run(RETURN, call).catch(() => this.#lose(returned));
  }

  /** Places beyond the maximum are free after their time. */
  #lose(places: readonly TakenPlace[]): void {
    this.#lost.push(...places.slice(0, MAX_LOST - this.#lost.length));
  }

  /** A lost correction leaves units counted until their time. */
  #settle(corrections: readonly Correction[], returned: readonly TakenPlace[]): void {
    const charges = corrections.map(
      (correction): Charge => ({ ...correction, needed: NEEDS_NOTHING, isEnforced: false, onStoreFailure: 'open' }),
    );
    if (charges.length > 0)
      this.#redis.guarded(() => this.#run(this.#take, this.#callOf({ charges, places: [] }))).catch(ignored);
    this.#returnPlaces(returned);
  }

  /** Runs a script by its hash; with its text where Redis does not know it yet. */
  async #run({ sha, text }: Script, call: ScriptCall): Promise<unknown> {
    try {
      return await this.#redis.client.evalSha(sha, call);
    } catch (error) {
      if (isUnknown(error)) return this.#redis.client.eval(text, call);
      throw error;
    }
  }
}
