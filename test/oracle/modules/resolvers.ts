import type { GraphQLResolveInfo } from 'graphql';
import { loaded } from 'tributary/backend';
import type { AnyField, AnyResolver } from '../../../src/backend/define/module.ts';
import { ENTITIES, keyAt, loaderKey, numberOf } from './entities.ts';
import type { AbstractModel, FieldModel, ModuleModel, ObjectModel } from './model.ts';
import { keysIn, nameIn, neededProperty } from './model.ts';
import type { Values } from './values.ts';

/** Identity of a parent, from everything that a module may rely on. */
const identity = (parent: unknown, names: readonly string[], isService: boolean): string => {
  const read = (name: string): unknown => Reflect.get(Object(parent), name);
  // Rows of a service have the requested fields only.
  const at = isService ? [] : [read('at')];
  return JSON.stringify([typeof parent, ...at, ...names.map(read)]) ?? '';
};

/** Number of the entity of a parent: of a full row, or of a stub with one of the keys. Null for none. */
const entityNumber = (module: string, object: ObjectModel, parent: unknown): number | null => {
  const at: unknown = Reflect.get(Object(parent), 'at');
  if (typeof at === 'string') return Number(at.split('#')[1]);
  const isThere = (field: string): boolean => (Reflect.get(Object(parent), field) ?? null) !== null;
  const by = object.merge?.find(({ key }) => key.every(isThere));
  return by === undefined ? null : numberOf(module, object, by.key, parent);
};

/** Identity of a parent of this type. Those of an entity with several keys are equal, whatever key it was found by. */
const parentIdentity = (
  { name, isService }: ModuleModel,
  object: ObjectModel,
  parent: unknown,
  needs: readonly string[],
): string =>
  (object.merge?.length ?? 0) > 1
    ? `${entityNumber(name, object, parent)} ${JSON.stringify(needs.map((one) => Reflect.get(Object(parent), one)))}`
    : identity(parent, [...keysIn(object), ...needs], isService);

/** `info` as text. */
const seen = (info: GraphQLResolveInfo): string => {
  const path: (string | number)[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at !== undefined; at = at.prev) path.unshift(at.key);
  const { fieldName, parentType, returnType, fieldNodes, operation } = info;
  return JSON.stringify([
    path,
    fieldName,
    parentType.name,
    returnType.toString(),
    fieldNodes.length,
    operation.operation,
  ]);
};

/** Waits, then fails or returns the value. */
const settle = async (values: Values, place: string, make: () => unknown): Promise<unknown> => {
  const { world, module } = values;
  await world.pause(place);
  if (!world.fails(`throw ${place}`)) return make();
  const failure: unknown = values.failureAt(place);
  if (module.isService) throw failure;
  // Returning an error means the same as throwing it, and any value may be thrown.
  if (world.is(`returned ${place}`, 30)) return failure;
  // biome-ignore lint/style/useThrowOnlyError: a module may be written in JavaScript, and throw what it likes
  if (world.is(`text ${place}`, 10)) throw 'broken';
  throw failure;
};

const now = (values: Values, place: string, make: () => unknown): unknown => {
  const { world } = values;
  if (!world.fails(`throw ${place}`)) return make();
  const failure = values.failureAt(place);
  if (world.is(`returned ${place}`, 30)) return failure;
  throw failure;
};

const keyResolver = (values: Values, object: ObjectModel, { name, how }: FieldModel): AnyResolver => {
  const { world, module } = values;
  const find = (parent: unknown): unknown => {
    const n = entityNumber(module.name, object, parent);
    return n === null ? null : keyAt(world, module.name, object, name, n);
  };
  return async (parent) => {
    world.asked.push({ what: 'resolver', coordinate: `${object.name}.${name}` });
    if (how.by === 'async')
      await world.pause(`key ${object.name}.${name} ${parentIdentity(module, object, parent, [])}`);
    return find(parent);
  };
};

const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation']);

/** The resolver of a field. `from` is the interface whose resolver it is, or empty. */
const plainResolver = (values: Values, object: ObjectModel, field: FieldModel, from = ''): AnyResolver => {
  const { world, module } = values;
  const { name, type, how, needs } = field;
  const coordinate = `${object.name}.${name}`;
  const needed = needs.map(neededProperty);
  const isServiceRoot = module.isService && ROOTS.has(object.name);
  return (parent, args, { loaders }, info) => {
    world.asked.push({ what: 'resolver', coordinate, isCounted: isServiceRoot });
    const infoText = how.by === 'info' ? seen(info) : '';
    if (field.isShared === true) {
      const shared = `shared ${object.name}#${entityNumber(module.name, object, parent)}.${name}`;
      const value = () => values.at(type, shared);
      return how.by === 'sync' ? now(values, shared, value) : settle(values, shared, value);
    }
    const known = isServiceRoot ? '' : parentIdentity(module, object, parent, needed);
    const place = `${module.name} ${from}${coordinate} ${known} ${JSON.stringify(args)} ${infoText}`;
    if (object.name === 'Mutation')
      return settle(values, place, () => {
        world.state = world.draw(`${world.state} ${place}`);
        return values.at(type, `${place} ${world.state}`);
      });
    const make = () => values.at(type, `${place} ${world.state}`);
    if (how.by === 'sync') return now(values, place, make);
    if (how.by !== 'loaders') return settle(values, place, make);
    const drawn = world.draw(place);
    const keys = [`r${drawn % 6}`, `r${(drawn >> 4) % 8}`];
    const tokens = drawn % 2 === 0 ? loaders.tokens?.load(keys[0]) : loaders.tokens?.loadMany(keys);
    return Promise.resolve(tokens).then((found) => values.at(type, `${place} ${JSON.stringify(found)}`));
  };
};

const loadedField = (values: Values, object: ObjectModel, field: FieldModel): AnyField => {
  const { world, module } = values;
  const { name, type, how } = field;
  if (how.by !== 'loaded') throw new Error(`${object.name}.${name} is not loaded.`);
  const entity = values.object(nameIn(type));
  const ofEntity = module.loaders.find((loader) => loader.name === how.loader && loader.of === 'entity');
  const read = (parent: unknown, one: string): unknown => Reflect.get(Object(parent), one);
  const computed = (parent: unknown): unknown => {
    if (ofEntity?.of === 'entity' && entity !== undefined) {
      const drawn = world.draw(`${object.name}.${name} ${parentIdentity(module, object, parent, [])}`) % (ENTITIES + 2);
      // One user is anonymous, and one has no key at all.
      return drawn === ENTITIES + 1 ? null : loaderKey(module.name, entity, ofEntity.key, drawn);
    }
    const [first = ''] = how.key;
    if (how.key.length === 1) return read(parent, first);
    const key = Object.fromEntries(how.key.map((one) => [one, read(parent, one)]));
    return Object.values(key).some((part) => part === null || part === undefined) ? null : key;
  };
  const [single = ''] = how.key;
  const key = how.computed ? computed : how.key.length === 1 ? single : how.key;
  if (!how.map) return loaded(how.loader, key);
  return loaded(how.loader, key, (value: unknown, parent: unknown) => {
    const known = parentIdentity(module, object, parent, field.needs.map(neededProperty));
    const place = `${module.name} ${object.name}.${name} ${JSON.stringify(value)} ${known}`;
    return now(values, place, () => values.at(type, place));
  });
};

/** A resolver in a module over a service: it reads fields of a row that has the requested fields only. */
const readsField = (values: Values, object: ObjectModel, { name, type, how }: FieldModel): AnyResolver => {
  const { world, module } = values;
  if (how.by !== 'reads') throw new Error(`${object.name}.${name} reads no fields.`);
  return async (parent) => {
    world.asked.push({ what: 'resolver', coordinate: `${object.name}.${name}` });
    const known: string[] = [];
    for (const one of how.fields) {
      const value: unknown = await Reflect.get(Object(parent), one);
      if (value instanceof Error) throw value;
      known.push(String(value));
    }
    const place = `${module.name} ${object.name}.${name} ${JSON.stringify(known)}`;
    return settle(values, place, () => values.at(type, place));
  };
};

/** A field with its resolver at an interface of the object. */
const sharedBy = ({ abstracts }: ModuleModel, object: ObjectModel, field: string): AbstractModel | undefined =>
  abstracts.find(({ members, shared }) => {
    const isShared = shared?.field === field && members.includes(object.name);
    return isShared && !shared.own.includes(object.name);
  });

const fieldOf = (values: Values, object: ObjectModel, field: FieldModel): AnyField | null => {
  const { name, how } = field;
  if (how.by === 'property' || how.by === 'function') return null;
  if (object.keys.includes(name)) return keyResolver(values, object, field);
  if (how.by === 'reads') return readsField(values, object, field);
  if (how.by === 'loaded') return loadedField(values, object, field);
  return plainResolver(values, object, field, sharedBy(values.module, object, name)?.name);
};

/**
 * `resolvers` of the module for one object type. With `isPlain`, types have the resolvers of their interfaces; otherwise
 * those are left to `interfaceResolversOf`.
 */
export const resolversOf = (
  values: Values,
  object: ObjectModel,
  isPlain: boolean,
): Readonly<Record<string, AnyField>> => {
  const given: Record<string, AnyField> = {};
  for (const field of object.fields) {
    if (!isPlain && sharedBy(values.module, object, field.name) !== undefined) continue;
    const made = fieldOf(values, object, field);
    if (made !== null) given[field.name] = made;
  }
  return given;
};

/** `resolvers` of the module for one interface: the resolver of its shared field, for objects of any type. */
export const interfaceResolversOf = (
  values: Values,
  { name, shared, members }: AbstractModel,
): Readonly<Record<string, AnyField>> => {
  if (shared === null) return {};
  const fields = members.flatMap((member) => {
    const object = values.object(member);
    const field = object?.fields.find((one) => one.name === shared.field);
    return object === undefined || field === undefined ? [] : [{ object, field }];
  });
  const [first] = fields;
  if (first === undefined) return {};
  if (first.field.how.by === 'loaded') return { [shared.field]: loadedField(values, first.object, first.field) };
  const byType = new Map(fields.map(({ object, field }) => [object.name, plainResolver(values, object, field, name)]));
  const resolver: AnyResolver = (parent, args, context, info) => {
    const own = byType.get(info.parentType.name);
    if (own === undefined) throw new Error(`${info.parentType.name} does not implement ${name}.`);
    return own(parent, args, context, info);
  };
  return { [shared.field]: resolver };
};
