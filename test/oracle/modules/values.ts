import { ENTITIES, keyAt } from './entities.ts';
import { failureAt, rejected } from './failures.ts';
import { isLeaf, leafAt, wrongLeafAt } from './leaves.ts';
import { isNamespace, type ModuleModel, type ObjectModel, type TypeRef } from './model.ts';
import type { World } from './world.ts';

/** Values that a module's resolvers and rows return for a place: always the same, and usually valid. */
export class Values {
  readonly module: ModuleModel;
  readonly world: World;
  readonly #objects: ReadonlyMap<string, ObjectModel>;
  readonly #members: ReadonlyMap<string, readonly string[]>;

  constructor(module: ModuleModel, world: World) {
    this.module = module;
    this.world = world;
    this.#objects = new Map(module.objects.map((object) => [object.name, object]));
    this.#members = new Map(module.abstracts.map(({ name, members }) => [name, members]));
  }

  object(name: string): ObjectModel | undefined {
    return this.#objects.get(name);
  }

  at(type: TypeRef, place: string): unknown {
    const { world } = this;
    if (type.is === 'nonNull')
      return world.fails(`null ${place}`, 0.5) ? this.#missing(place) : this.#present(type.of, place);
    return world.is(`null ${place}`, 8) ? null : this.#present(type, place);
  }

  /** A service returns no null in a non-null place, but an error. */
  #missing(place: string): unknown {
    return this.module.isService ? this.failureAt(place) : null;
  }

  failureAt(place: string): Error {
    return failureAt(this.world, this.module.name, place);
  }

  /** True for a value that graphql-js would reject in a service. */
  #isWrong(place: string): boolean {
    return !this.module.isService && this.world.fails(place);
  }

  #present(type: TypeRef, place: string): unknown {
    const { world } = this;
    if (world.fails(`error ${place}`, 0.5)) return this.failureAt(place);
    if (type.is === 'nonNull') return this.at(type, place);
    if (type.is === 'list') return this.#list(type.of, place);
    if (!isLeaf(type.name)) return this.#row(type.name, place);
    return this.#isWrong(`leaf ${place}`)
      ? wrongLeafAt(world, type.name, place)
      : leafAt(world, this.module.name, type.name, place);
  }

  #list(of: TypeRef, place: string): unknown {
    const { world } = this;
    if (this.#isWrong(`list ${place}`)) return ['text', 5, {}, true][world.draw(place) % 4];
    const items = Array.from({ length: world.draw(`length ${place}`) % 4 }, (_, at) => {
      const item = this.at(of, `${place}.${at}`);
      return world.is(`late ${place}.${at}`, 6) ? this.#late(item, `${place}.${at}`) : item;
    });
    return world.is(`set ${place}`, 5) ? new Set(items) : items;
  }

  /** The value after a pause, as a promise or as an object with only `then`. */
  #late(value: unknown, place: string): unknown {
    const { world } = this;
    if (value instanceof Error && world.is(`rejected ${place}`, 50)) return rejected(value);
    const promise = world.pause(place).then(() => value);
    if (!world.is(`thenable ${place}`, 20)) return promise;
    // biome-ignore lint/suspicious/noThenProperty: libraries of modules may have promises of their own
    return { then: promise.then.bind(promise) };
  }

  #row(name: string, place: string): unknown {
    const { world } = this;
    if (this.#isWrong(`row ${place}`)) return ['text', 7, true][world.draw(place) % 3];
    const members = this.#members.get(name);
    if (members === undefined) return this.row(name, place);
    const member = members[world.draw(`member ${place}`) % members.length] ?? name;
    const row = this.row(member, place);
    if (this.#isWrong(`typename ${place}`))
      return Object.defineProperty(row, '__typename', {
        value: [undefined, 'Query', 'Nothing', 5][world.draw(place) % 4],
        enumerable: true,
      });
    return row;
  }

  /** A row of an object type. Rows of an entity are drawn from a small set. */
  row(name: string, place: string): object {
    const object = this.object(name);
    if (object === undefined) throw new Error(`${this.module.name} has no type ${name}.`);
    const drawn = this.world.draw(`row ${place}`);
    if (isNamespace(object)) return { __typename: name };
    if (object.keys.length === 0) return this.#filled(object, `${name}#${drawn}`, null);
    const n = drawn % ENTITIES;
    // Rows of a service are never only references.
    if (this.module.isService) return this.entity(object, n);
    const loading = (object.merge ?? []).filter(({ load }) => load !== null);
    const by = loading[drawn % loading.length];
    return by !== undefined && this.world.is(`reference ${place}`, 30)
      ? this.#reference(object, by.key, n)
      : this.entity(object, n);
  }

  /** An entity's key without other fields: its module loads the rest. */
  #reference(object: ObjectModel, key: readonly string[], n: number): object {
    const values = key.map((name) => [name, keyAt(this.world, this.module.name, object, name, n)] as const);
    return { __typename: object.name, ...Object.fromEntries(values) };
  }

  entity(object: ObjectModel, n: number): object {
    return this.#filled(object, `${object.name}#${n}`, n);
  }

  #filled(object: ObjectModel, at: string, n: number | null): object {
    const { world, module } = this;
    const row: Record<string, unknown> = {
      __typename: object.name,
      at,
      ref: world.is(`ref ${at}`, 15) ? null : `r${world.draw(at) % 6}`,
      no: world.draw(at) % 4,
    };
    for (const field of object.fields) {
      const { name, type, how } = field;
      // A getter, because the value may lead back to this row.
      const lazily = (value: () => unknown) =>
        Object.defineProperty(row, name, { get: value, enumerable: true, configurable: true });
      const place = `${field.isShared === true ? 'shared' : module.name} ${at}.${name}`;
      if (n !== null && object.keys.includes(name)) lazily(() => keyAt(world, module.name, object, name, n));
      else if (how.by === 'property') lazily(() => this.#property(type, place));
      else if (how.by === 'function')
        row[name] = (args: unknown) => this.#called(type, `${place}(${JSON.stringify(args)})`);
    }
    return row;
  }

  #called(type: TypeRef, place: string): unknown {
    if (this.world.fails(`throw ${place}`, 0.5)) throw this.failureAt(place);
    return this.#property(type, place);
  }

  #property(type: TypeRef, place: string): unknown {
    const value = this.at(type, place);
    return this.world.is(`promise ${place}`, 8) ? this.#late(value, place) : value;
  }
}
