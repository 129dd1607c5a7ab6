import { hash } from '../../../services-mock/hash.ts';

/** One call of a module. */
export type Asked =
  | {
      readonly what: 'loader';
      readonly name: string;
      readonly keys: readonly unknown[];
      /** The document with which a service was called: each selection is loaded on its own. */
      readonly selection?: string;
      /** Keys without a result, which may be loaded again. */
      readonly failed: ReadonlySet<unknown>;
    }
  | {
      readonly what: 'resolver';
      readonly coordinate: string;
      /** True for a root field of a service: each call is an operation. */
      readonly isCounted?: boolean;
    };

/** Frequency of faults. */
export interface Weather {
  /** Share of places with an invalid value. */
  readonly faults: number;
  /** Faults that are left out, by place. */
  readonly mended: ReadonlySet<string>;
}

/**
 * State of the modules of one side during one operation: faults, calls, and effects of mutations. Everything else
 * depends on the seed and the place alone, never on the number or order of calls.
 */
export class World {
  readonly seed: string;
  /** Names of the modules whose fields a service provides. */
  readonly services: ReadonlySet<string>;
  weather: Weather = { faults: 0, mended: new Set() };
  asked: Asked[] = [];
  /** Places with a fault. */
  readonly broken = new Set<string>();
  /** Effects of mutations. */
  state = 0;
  /** Operations that a service rejects. */
  rejected: string[] = [];
  /** Number of pending answers. */
  inFlight = 0;

  constructor(seed: string, services: ReadonlySet<string>) {
    this.seed = seed;
    this.services = services;
  }

  begin(weather: Weather): void {
    this.weather = weather;
    this.asked = [];
    this.rejected = [];
    this.broken.clear();
    this.state = 0;
  }

  /** Lets the keys of a service's operation be loaded again: a row may be null because of an error below it. */
  retract(selection: string): void {
    this.asked = this.asked.map((one) =>
      one.what === 'loader' && one.selection === selection ? { ...one, failed: new Set(one.keys) } : one,
    );
  }

  /** A number that depends only on the place. */
  draw(place: string): number {
    return hash(`${this.seed} ${place}`);
  }

  /** True for this percentage of places. */
  is(place: string, percent: number): boolean {
    return this.draw(place) % 100 < percent;
  }

  /** True if this place has a fault, with this weight. */
  fails(place: string, weight = 1): boolean {
    if (this.weather.faults === 0) return false;
    if (this.draw(`fault ${place}`) / 2 ** 32 >= this.weather.faults * weight || this.weather.mended.has(place))
      return false;
    this.broken.add(place);
    return true;
  }

  /** Waits as the place determines: not at all, some microtasks, or a turn or two of the event loop. */
  async pause(place: string): Promise<void> {
    const drawn = this.draw(`pause ${place}`);
    this.inFlight += 1;
    const turns = drawn % 4 === 0 ? 1 + (drawn % 3) : 0;
    for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    for (let step = drawn % 7; step > 0; step -= 1) await null;
    this.inFlight -= 1;
  }

  /** Waits until nothing is pending, including work that no caller awaits. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet = this.inFlight === 0 ? quiet + 1 : 0)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
