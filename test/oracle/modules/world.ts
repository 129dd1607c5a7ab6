import { hash } from '../random.ts';

/** Something that a module was asked, as it saw it. */
export type Asked =
  | {
      readonly what: 'loader';
      readonly name: string;
      readonly keys: readonly unknown[];
      /** Keys of which nothing is known afterwards, and which may be asked for again. */
      readonly failed: ReadonlySet<unknown>;
    }
  | { readonly what: 'resolver'; readonly coordinate: string };

/** How often things go wrong. */
export interface Weather {
  /** Share of places where a value is not what it should be. */
  readonly faults: number;
  /** Faults that are left out, by place. */
  readonly mended: ReadonlySet<string>;
}

/**
 * What the modules of one side are in while one operation runs: what goes wrong, what was asked, and what mutations have changed.
 * All but that depends on the seed and the place alone, never on how often or in which order anything is asked.
 */
export class World {
  readonly seed: string;
  weather: Weather = { faults: 0, mended: new Set() };
  asked: Asked[] = [];
  /** Places where something went wrong. */
  readonly broken = new Set<string>();
  /** What mutations have made of it. */
  state = 0;
  /** How many answers are still to come. */
  underWay = 0;

  constructor(seed: string) {
    this.seed = seed;
  }

  begin(weather: Weather): void {
    this.weather = weather;
    this.asked = [];
    this.broken.clear();
    this.state = 0;
  }

  /** A number that is always the same for a place. */
  draw(place: string): number {
    return hash(`${this.seed} ${place}`);
  }

  /** Whether this place is one of so many in a hundred. */
  is(place: string, percent: number): boolean {
    return this.draw(place) % 100 < percent;
  }

  /** Whether something goes wrong here, weighed against the other places. */
  fails(place: string, weight = 1): boolean {
    if (this.weather.faults === 0) return false;
    if (this.draw(`fault ${place}`) / 2 ** 32 >= this.weather.faults * weight || this.weather.mended.has(place))
      return false;
    this.broken.add(place);
    return true;
  }

  /** Takes as long as the place has it: not at all, some microtasks, or a turn or two of the event loop. */
  async pause(place: string): Promise<void> {
    const drawn = this.draw(`pause ${place}`);
    this.underWay += 1;
    const turns = drawn % 4 === 0 ? 1 + (drawn % 3) : 0;
    for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    for (let step = drawn % 7; step > 0; step -= 1) await null;
    this.underWay -= 1;
  }

  /** Waits until nothing is under way any more, though nobody waits for it. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet = this.underWay === 0 ? quiet + 1 : 0)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
