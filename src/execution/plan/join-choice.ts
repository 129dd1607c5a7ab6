import type { Owners, PossibleJoin } from './field-owners.ts';

/** The join that provides each field which is not on the row. */
export type JoinChoice = ReadonlyMap<string, PossibleJoin>;

/** Cost of a choice. Calls count first: a join without a loader calls no backend. */
interface Cost {
  readonly calls: number;
  readonly joins: number;
  /** Number of inputs that are not on the row: a join waits for them. */
  readonly waits: number;
}

/** Bound of the search. A selection with one module for each field takes one step a field. */
const MAX_STEPS = 10_000;

const compareCosts = (a: Cost, b: Cost): number => a.calls - b.calls || a.joins - b.joins || a.waits - b.waits;

const inputsOf = ({ key, needs }: PossibleJoin): readonly string[] => [...key.fields, ...needs.map(({ name }) => name)];

/** True if a join waits for a field, directly or through the joins that provide its inputs. */
const waitsFor = (join: PossibleJoin, field: string, choice: JoinChoice): boolean =>
  inputsOf(join).some((input) => {
    if (input === field) return true;
    const by = choice.get(input);
    return by !== undefined && waitsFor(by, field, choice);
  });

/** Search for the cheapest joins: all choices are tried that may cost less than the best so far. */
class JoinSearch {
  readonly #owners: Owners;
  readonly #type: string;
  readonly #isOnRow: (field: string) => boolean;
  #best: { readonly choice: JoinChoice; readonly cost: Cost } | null = null;
  #steps = 0;

  constructor(owners: Owners, type: string, isOnRow: (field: string) => boolean) {
    this.#owners = owners;
    this.#type = type;
    this.#isOnRow = isOnRow;
  }

  get best(): JoinChoice | null {
    return this.#best?.choice ?? null;
  }

  visit(fields: Iterable<string>, choice: JoinChoice, cost: Cost): void {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS || (this.#best !== null && compareCosts(cost, this.#best.cost) >= 0)) return;
    const missing = [...fields].filter((field) => !choice.has(field) && !this.#isOnRow(field));
    const next = this.#mostDetermined(missing);
    if (next === undefined) {
      this.#best = { choice, cost };
      return;
    }
    for (const { join, calls, joins, waits } of this.#options(next, choice)) {
      const total = { calls: cost.calls + calls, joins: cost.joins + joins, waits: cost.waits + waits };
      this.visit([...missing, ...inputsOf(join)], new Map(choice).set(next, join), total);
      // No other option is cheaper.
      if (calls === 0 && joins === 0) return;
    }
  }

  /** The field with the fewest possible joins: they are needed in any case, and may provide other fields. */
  #mostDetermined(fields: readonly string[]): string | undefined {
    const [first, ...others] = fields;
    if (first === undefined) return undefined;
    const countOf = (field: string) => this.#owners.possibleJoins(this.#type, field).length;
    return others.reduce((least, field) => (countOf(field) < countOf(least) ? field : least), first);
  }

  /** The joins that can provide a field, cheapest first, with what each adds to the cost. */
  #options(field: string, choice: JoinChoice): readonly (Cost & { readonly join: PossibleJoin })[] {
    const chosen = new Set([...choice.values()].map(({ name }) => name));
    return this.#owners
      .possibleJoins(this.#type, field)
      .filter((join) => !waitsFor(join, field, choice))
      .map((join) => {
        const isChosen = chosen.has(join.name);
        const loads = isChosen || join.key.load === undefined ? 0 : 1;
        const reads = this.#owners.mayCall(join.module, this.#type, field) ? 1 : 0;
        const waits = isChosen ? 0 : inputsOf(join).filter((input) => !this.#isOnRow(input)).length;
        return { join, calls: loads + reads, joins: isChosen ? 0 : 1, waits };
      })
      .toSorted(compareCosts);
  }
}

/**
 * Chooses the join that provides each of the fields, and each input of these joins, with the fewest calls, then the
 * fewest joins and the fewest inputs that are not on the row. Of equal choices, the first in the order of the modules and
 * their keys is taken. Null if a field cannot be provided.
 */
export const chooseJoins = (
  owners: Owners,
  type: string,
  isOnRow: (field: string) => boolean,
  fields: Iterable<string>,
): JoinChoice | null => {
  const search = new JoinSearch(owners, type, isOnRow);
  search.visit(fields, new Map(), { calls: 0, joins: 0, waits: 0 });
  return search.best;
};
