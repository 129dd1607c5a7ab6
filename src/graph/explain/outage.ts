import type { Answers, Field, Join, Plan, Selection, Shape } from '../../execution/plan/plan.ts';
import { joinCalls, mayCall } from './field-source.ts';
import { joinInputSources } from './join-inputs.ts';
import { possibleSelections } from './steps.ts';

/** A place of the answer that is null: `orders[].customer`, or for some types only, `nodes[](Book, Film).price`. */
export interface Lost {
  readonly path: string;
  /** The failed fields: the place itself, or non-null fields below it. */
  readonly from: readonly string[];
}

/** The effect of failures on a value. */
export interface Loss {
  readonly lost: readonly Lost[];
  /** The fields because of which a non-null value is missing; null if the value is there. */
  readonly carried: readonly string[] | null;
}

const NONE: Loss = { lost: [], carried: null };

/** Null propagation stops at a nullable value. */
const absorbed = ({ nonNull }: Shape, path: string, loss: Loss): Loss =>
  loss.carried === null || nonNull ? loss : { lost: [{ path, from: loss.carried }], carried: null };

const together = (losses: readonly Loss[]): Loss => {
  const carried = losses.flatMap((loss) => loss.carried ?? []);
  return carried.length > 0 ? { lost: [], carried } : { lost: losses.flatMap(({ lost }) => lost), carried: null };
};

/** Returns the name of each place that occurs for some types only, with these types in it. */
const namesBelow = (
  path: string,
  byType: readonly (readonly [type: string, places: readonly string[]])[],
): ReadonlyMap<string, string> => {
  const typesOf = new Map<string, Set<string>>();
  for (const [type, places] of byType)
    for (const place of places) typesOf.set(place, (typesOf.get(place) ?? new Set()).add(type));
  return new Map(
    [...typesOf].map(([place, types]) => [
      place,
      types.size === byType.length ? place : `${path}(${[...types].join(', ')})${place.slice(path.length)}`,
    ]),
  );
};

/**
 * Merges the failures of rows of several types: each type has its own failures, and one row can take the whole list.
 */
const ofTypes = (path: string, byType: readonly (readonly [type: string, loss: Loss])[]): Loss => {
  const places = namesBelow(
    path,
    byType.map(([type, { lost }]) => [type, lost.map((one) => one.path)]),
  );
  const causes = namesBelow(
    path,
    byType.map(([type, { lost, carried }]) => [type, [...lost.flatMap(({ from }) => from), ...(carried ?? [])]]),
  );
  const named = (from: readonly string[]): readonly string[] => from.map((cause) => causes.get(cause) ?? cause);
  const fromOf = new Map<string, ReadonlySet<string>>();
  for (const { path: place, from } of byType.flatMap(([, { lost }]) => lost))
    fromOf.set(place, new Set([...(fromOf.get(place) ?? []), ...named(from)]));
  const carried = new Set(byType.flatMap(([, loss]) => named(loss.carried ?? [])));
  if (carried.size > 0) return { lost: [], carried: [...carried] };
  const lost = [...fromOf].map(([place, from]) => ({ path: places.get(place) ?? place, from: [...from] }));
  return { lost, carried: null };
};

/** Finds the nulls in the answer of a plan while one module fails. */
class Outage {
  readonly #down: string;

  constructor(down: string) {
    this.#down = down;
  }

  answers(answers: Answers, path: string, fails: (field: Field) => boolean): Loss {
    return together(
      [...answers].map(([key, field]) =>
        typeof field === 'string' ? NONE : this.#field(field, path === '' ? key : `${path}.${key}`, fails(field)),
      ),
    );
  }

  /** True if reading this field of existing rows fails. */
  readonly fails = (field: Field): boolean => field.module.module.name === this.#down && mayCall(field);

  #field(field: Field, path: string, fails: boolean): Loss {
    const { shape } = field;
    return fails ? absorbed(shape, path, { lost: [], carried: [path] }) : this.#value(field, shape, path);
  }

  #value(field: Field, shape: Shape, path: string): Loss {
    switch (shape.is) {
      case 'leaf':
        return NONE;
      case 'list':
        return absorbed(shape, path, this.#value(field, shape.item, `${path}[]`));
      case 'object':
        return absorbed(shape, path, this.#selection(shape.selection, path));
      case 'abstract':
        return ofTypes(
          path,
          possibleSelections(shape, field.module).map(([type, selection]) => [
            type,
            absorbed(shape, path, this.#selection(selection, path)),
          ]),
        );
    }
  }

  #selection(selection: Selection, path: string): Loss {
    const lacking = selection.joins.filter((join) => this.#lacks(join, selection));
    const unread = new Set(lacking.flatMap(({ fields }) => fields));
    return this.answers(selection.answers, path, (field) => unread.has(field) || this.fails(field));
  }

  /** True if a join yields no rows: its loader fails, or an input is missing. */
  #lacks(join: Join, selection: Selection): boolean {
    if (join.module.module.name === this.#down && joinCalls(join)) return true;
    return joinInputSources(join, selection).some(
      ({ field, by }) => this.fails(field) || (by !== null && this.#lacks(by, selection)),
    );
  }
}

/** Returns the nulls in the answer to a plan while every call of one module fails, for any data. */
export const outageLoss = (down: string, { answers }: Plan): Loss => {
  const outage = new Outage(down);
  return outage.answers(answers, '', outage.fails);
};
