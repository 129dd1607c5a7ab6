import { batch } from 'tributary/backend';
import type { Batch } from '../../../src/backend/define/batch.ts';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { formlessText, keyText, numberOf } from './entities.ts';
import { failureAt } from './failures.ts';
import type { LoaderModel } from './model.ts';
import type { Values } from './values.ts';

const keyValues = (fields: readonly string[], key: unknown): unknown =>
  fields.length === 1 ? { [fields[0] ?? '']: key } : key;

type Found = (key: unknown, place: string) => unknown;

const finder = (values: Values, loader: LoaderModel): Found => {
  const { world, module } = values;
  if (loader.of === 'token') return (_, place) => ({ token: world.draw(`${place} ${world.state}`) });
  if (loader.of === 'value') return (_, place) => values.at(loader.type, `${place} ${world.state}`) ?? undefined;
  const object = values.object(loader.entity);
  return (key) => {
    if (object === undefined) return undefined;
    const n = numberOf(module.name, object, loader.key, keyValues(loader.key, key));
    return n === null ? undefined : values.entity(object, n);
  };
};

/** Place of an entity that other keys or other modules find, too; null for other entities. */
const missingPlace = ({ module }: Values, loader: LoaderModel, key: unknown): string | null => {
  const found = loader.of === 'entity' ? module.objects.find(({ name }) => name === loader.entity) : undefined;
  if (loader.of !== 'entity' || found === undefined) return null;
  if ((found.merge?.length ?? 0) < 2 && !found.fields.some(({ isShared }) => isShared)) return null;
  return `${found.name}#${numberOf(module.name, found, loader.key, keyValues(loader.key, key))}`;
};

/** True if delegation would fail a row because of a key that it reads, but that no join needs. */
const isNeverMissing = ({ world, module }: Values, loader: LoaderModel): boolean =>
  world.weather.faults === 0 &&
  loader.of === 'entity' &&
  module.objects.some(({ name, merge }) => name === loader.entity && (merge?.length ?? 0) > 1);

/** A module's answer to one key, an Error, or undefined for none. */
const answerTo = (values: Values, loader: LoaderModel, key: unknown, find: Found): unknown => {
  const { world, module } = values;
  // The joins of an entity with several keys have them in different forms.
  const place = `${module.name} ${loader.name} ${formlessText(key)}`;
  const isMissing =
    !isNeverMissing(values, loader) && world.is(`missing ${missingPlace(values, loader, key) ?? place}`, 10);
  if (isMissing) return undefined;
  // An item of a service's list that failed has no key.
  const mayFail = !module.isService || loader.of !== 'entity' || loader.by !== 'list';
  if (mayFail && world.fails(`load ${place}`)) {
    const failure = failureAt(world, module.name, place);
    if (module.isService) return failure;
    return [failure, failure, null, 'text', 7][world.draw(place) % 5];
  }
  return find(key, place);
};

const isObject = (key: unknown): boolean => typeof key === 'object' && key !== null;

/** Answer of a loader: in any order, with additional rows, and sometimes with missing ones. */
const made = (values: Values, loader: LoaderModel): Batch<unknown, unknown> => {
  const { world, module } = values;
  const find = finder(values, loader);
  const name = `${module.name}.${loader.name}`;
  const load = async (keys: readonly unknown[]) => {
    const isDown = world.fails(`loader ${name}`, 0.5);
    const failed = new Set(isDown ? keys : []);
    world.asked.push({ what: 'loader', name, keys, failed });
    await world.pause(`${name} ${keys.length}`);
    if (isDown) throw failureAt(world, values.module.name, name);
    const found = new Map<unknown, unknown>([['nobody', { asked: 'for this' }]]);
    for (const key of keys.toReversed()) {
      const answer = answerTo(values, loader, key, find);
      if (answer instanceof Error) failed.add(key);
      if (answer !== undefined) found.set(isObject(key) ? keyText(key) : key, answer);
    }
    return found;
  };
  const maxSize = world.is(`size ${name}`, 20) ? 2 : Number.POSITIVE_INFINITY;
  // A key may be an object of several fields, or one value if the module's own scalar has objects.
  const key = (one: unknown) => (isObject(one) ? keyText(one) : one);
  return batch(load as never, { key: key as never, maxSize }) as Batch<unknown, unknown>;
};

export const loadersOf = (values: Values): ReturnType<SchemaModule['loaders']> =>
  Object.fromEntries(values.module.loaders.map((loader) => [loader.name, made(values, loader)]));
