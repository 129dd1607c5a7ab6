import { seeded } from '../../test/support/random/seeded.ts';
import { SIZES } from '../backends/data.ts';
import { pageRows } from './expected.ts';
import type { Asked, Workload } from './workload.ts';

/** Fields wanted of a value: `true` for a leaf. */
interface Wanted {
  readonly [field: string]: true | Wanted;
}

const OPERATIONS = 300;
const ASKED = 1_000;
const PAGE = 20;

/** Every second time on average, and the first one where none was chosen. */
const someOf = (fields: readonly string[], random: () => number): Wanted => {
  const chosen = fields.filter(() => random() < 0.5);
  return Object.fromEntries((chosen.length === 0 ? fields.slice(0, 1) : chosen).map((field) => [field, true]));
};

const operation = (random: () => number): Wanted => {
  const product: Wanted = {
    ...someOf(['id', 'name', 'price'], random),
    ...(random() < 0.5 ? { stock: { available: true } } : {}),
  };
  return {
    ...someOf(['id', 'status'], random),
    ...(random() < 0.7 ? { customer: someOf(['name', 'id', 'email'], random) } : {}),
    ...(random() < 0.7 ? { items: { quantity: true, product } } : {}),
  };
};

const printed = (wanted: Wanted): string =>
  Object.entries(wanted)
    .map(([field, below]) => (below === true ? field : `${field} { ${printed(below)} }`))
    .join(' ');

/** Selections of a document, as fragments. Their names only make every document different. */
const documentOf = ({ customer, items, ...leaves }: Wanted, number: number): string => {
  const spread = [
    ...(typeof customer === 'object' ? [`customer { ...Who${number} }`] : []),
    ...(typeof items === 'object' ? [`items { ...What${number} }`] : []),
  ];
  return [
    `query Op${number}($first: Int!, $after: ID) { orders(first: $first, after: $after) { ${printed(leaves)} ${spread.join(' ')} } }`,
    ...(typeof customer === 'object' ? [`fragment Who${number} on Customer { ${printed(customer)} }`] : []),
    ...(typeof items === 'object' ? [`fragment What${number} on OrderItem { ${printed(items)} }`] : []),
  ].join('\n');
};

const taken = (value: unknown, wanted: true | Wanted): unknown => {
  if (wanted === true || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => taken(one, wanted));
  return Object.fromEntries(
    Object.entries(wanted).map(([field, below]) => [field, taken(Reflect.get(Object(value), field), below)]),
  );
};

/** The first is asked for most, the second half as often, and so on. */
const zipf = (count: number, random: () => number): (() => number) => {
  const weights = Array.from({ length: count }, (_, at) => 1 / (at + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return () => {
    let left = random() * total;
    const at = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    return at === -1 ? count - 1 : at;
  };
};

const askedOf = (wanted: Wanted, number: number, after: string): Asked => ({
  query: documentOf(wanted, number),
  variables: { first: PAGE, after },
  path: null,
  expected: () => ({ data: { orders: taken(pageRows(PAGE, after, true), wanted) } }),
});

const random = seeded(6);
const operations = Array.from({ length: OPERATIONS }, () => operation(random));
const popular = zipf(OPERATIONS, random);
const asked = Array.from({ length: ASKED }, (_, at) => {
  const number = popular();
  return askedOf(operations[number] ?? { id: true }, number, `o${SIZES.orders - at * PAGE}`);
});

/** 300 documents with variables and fragments, by Zipf; every nth request has a new text. */
export const manyOperations = (every: number | null): Workload => ({
  name: `many-operations-${every ?? 'none'}`,
  title: `W6: 300 operations by Zipf, ${every === null ? 0 : 100 / every} % of the texts never seen`,
  asked,
  ...(every === null
    ? {}
    : {
        fresh: (query, sequence) =>
          sequence % every === 0 ? query.replace('query Op', `query Never${sequence}Op`) : null,
      }),
});
