import { failureAt } from './failures.ts';
import { internalOf, STATUSES, stampOf } from './leaves.ts';
import type { Model, ObjectModel } from './model.ts';
import { nameIn } from './model.ts';
import type { World } from './world.ts';

/** Number of entities of each type. */
export const ENTITIES = 5;

export type Key = Readonly<Record<string, unknown>>;

/** Value of a key field of the `n`th entity, in the module's internal form. */
export const keyValue = (module: string, type: string, field: string, n: number): unknown => {
  switch (type) {
    case 'Int':
      return field === 'region' ? n % 3 : 70 + n;
    case 'Stamp':
      return stampOf(module, field === 'region' ? n % 3 : 20 + n);
    case 'Status':
      return internalOf(module, 'Status', STATUSES[n % 3] ?? 'PAID');
    case 'ID':
      return String(100 + n);
    default:
      return field === 'region' ? `r${n % 3}` : `${field}${n}`;
  }
};

/** The same value in a looser form that a row may have. */
const looseValue = (world: World, place: string, type: string, value: unknown): unknown => {
  if (!world.is(`loose ${place}`, 30)) return value;
  if (type === 'ID') return Number(value);
  return type === 'Int' ? String(value) : value;
};

const typeOf = (object: ObjectModel, field: string) => object.fields.find(({ name }) => name === field)?.type;

/** A key field of a row: its value, or a random fault instead. */
export const keyAt = (world: World, module: string, object: ObjectModel, field: string, n: number): unknown => {
  const type = typeOf(object, field);
  if (type === undefined) return undefined;
  const place = `key ${module} ${object.name} ${field} ${n}`;
  // A row of a service has its key: a list of rows is matched by it, and a failed key fails the row.
  if (world.services.has(module))
    return looseValue(world, place, nameIn(type), keyValue(module, nameIn(type), field, n));
  if (type.is !== 'nonNull' && world.is(`absent ${place}`, 8)) return null;
  if (world.fails(place)) return [null, undefined, {}, failureAt(world, module, place)][world.draw(place) % 4];
  return looseValue(world, place, nameIn(type), keyValue(module, nameIn(type), field, n));
};

/** The scalar that represents a key of a loader. */
export const keyText = (key: unknown): string => JSON.stringify(key) ?? 'undefined';

/** The text of a key, equal for both forms of a number. */
export const formlessText = (key: unknown): string =>
  JSON.stringify(key, (_name, value: unknown) => (typeof value === 'number' ? String(value) : value)) ?? 'undefined';

/** Number of the entity with this key; null for none. */
export const numberOf = (
  module: string,
  object: ObjectModel,
  key: readonly string[],
  given: unknown,
): number | null => {
  for (let n = 0; n < ENTITIES; n += 1) {
    const matches = key.every((field) => {
      const own = keyValue(module, nameIn(typeOf(object, field) ?? { is: 'named', name: 'ID' }), field, n);
      return keyText(own) === keyText(Reflect.get(Object(given), field));
    });
    if (matches) return n;
  }
  return null;
};

/** Key of the `n`th entity for its loader: a value, or an object of several. */
export const loaderKey = (module: string, object: ObjectModel, key: readonly string[], n: number): unknown => {
  const values = key.map((field) => [
    field,
    keyValue(module, nameIn(typeOf(object, field) ?? { is: 'named', name: 'ID' }), field, n),
  ]);
  const [first] = values;
  return values.length === 1 ? first?.[1] : Object.fromEntries(values);
};

export const objectIn = (model: Model, module: string, type: string): ObjectModel | undefined =>
  model.modules.find(({ name }) => name === module)?.objects.find(({ name }) => name === type);
