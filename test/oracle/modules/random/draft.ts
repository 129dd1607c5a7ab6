import type { Random } from '../../random.ts';
import {
  type AbstractModel,
  type FieldModel,
  type How,
  isNamespace,
  keysIn,
  type LoadBy,
  type LoaderModel,
  type ModuleModel,
  named,
  nonNull,
  type ObjectModel,
  printed,
} from '../model.ts';
import { BUILT_IN, hasStubs, ROOT_TYPES, SHARED } from './names.ts';
import type { EntityPlan } from './random-entities.ts';
import { type Place, randomField, type Vocabulary } from './random-fields.ts';

/** A type may have requirements in addition to its fields'. */
const guards = (random: Random): readonly string[] => (random.chance(0.04) ? ['@authenticated'] : []);

/** One module in the making. */
export class Draft {
  readonly random: Random;
  readonly model: ModuleModel;
  readonly #letter: string;
  #fields = 0;

  constructor(random: Random, name: string, shares: boolean, isService: boolean) {
    this.random = random;
    this.#letter = name.toUpperCase();
    const tokens: LoaderModel = { of: 'token', name: 'tokens', composite: false };
    this.model = { name, isService, shares, objects: [], abstracts: [], loaders: [tokens] };
  }

  named(prefix: string): string {
    this.#fields += 1;
    return `${prefix}${this.#letter}${this.#fields}`;
  }

  object(name: string, extra: Partial<ObjectModel> = {}): ObjectModel {
    const made = { name, interfaces: [], directives: [], fields: [], keys: [], merge: null, ...extra };
    this.model.objects.push(made);
    return made;
  }

  part(plan: EntityPlan): void {
    const part = plan.parts.get(this.model.name);
    if (part === undefined) return;
    const merge =
      part.merge?.map((key, at) => ({ key, load: this.#isLoaded(key) ? `load${plan.name}${at || ''}` : null })) ?? null;
    const object = this.object(plan.name, { keys: part.keys, merge, directives: guards(this.random) });
    for (const { key, load } of merge ?? [])
      if (load !== null)
        this.model.loaders.push({ of: 'entity', name: load, entity: plan.name, key, by: this.#loadBy(key) });
    for (const name of part.keys) {
      const isGiven = merge?.some(({ key, load }) => load === null && !key.includes(name)) === true;
      const by = this.model.isService
        ? 'property'
        : isGiven
          ? this.random.pick(['sync', 'async'] as const)
          : this.random.pick(['property', 'property', 'property', 'sync', 'async'] as const);
      object.fields.push({
        name,
        type: plan.types[name] ?? named('ID'),
        args: [],
        directives: [],
        how: { by },
        needs: [],
      });
    }
  }

  #isLoaded(key: readonly string[]): boolean {
    const { random, model } = this;
    return key.length > 0 && (random.chance(0.6) || model.isService);
  }

  /** A service has no fields with one argument for a composite key. */
  #loadBy(key: readonly string[]): LoadBy {
    return this.random.pick(key.length === 1 ? ['list', 'one', 'entities'] : ['list', 'entities']);
  }

  get #row(): Place {
    return { ...ROW, isService: this.model.isService };
  }

  /** Interfaces and unions of types that this module returns. */
  abstracts(members: readonly ObjectModel[]): void {
    const { random, model } = this;
    const some = () => random.shuffled(members).slice(0, random.between(1, 3));
    const add = (
      kind: AbstractModel['kind'],
      fields: readonly string[],
      of: readonly ObjectModel[],
      shared: AbstractModel['shared'] = null,
    ) => {
      const name = `${kind === 'union' ? 'U' : 'I'}${this.#letter}${model.abstracts.length}`;
      const directives = kind === 'interface' ? guards(random) : [];
      const names = of.map((member) => member.name);
      model.abstracts.push({ name, kind, directives, fields, members: names, shared });
      return name;
    };
    if (random.chance(0.7)) add('union', [], some());
    if (random.chance(0.7)) {
      const of = some().filter(({ merge, keys }) => keys.length === 0 || merge !== null);
      if (of.length === 0) return;
      const place = { ...this.#row, stubs: of.some(hasStubs), isNamespace: of.some(isNamespace) };
      const shared = { ...randomField(random, this.named('f'), place, this.#leaves, model.loaders), directives: [] };
      const own = { field: shared.name, own: random.some(of.slice(1), 0.4).map((member) => member.name) };
      const name = add('interface', [fieldText(shared)], of, isInheritable(shared) && random.chance(0.6) ? own : null);
      for (const member of of) {
        member.interfaces.push(name);
        member.fields.push({ ...shared, type: random.chance(0.3) ? nonNull(shared.type) : shared.type });
      }
    }
  }

  get #leaves(): Vocabulary {
    const { shares } = this.model;
    return { leaves: shares ? [...BUILT_IN, ...SHARED] : BUILT_IN, composites: [], shares };
  }

  /** Fields for all objects except the roots, of types that this module may return. */
  fields(composites: readonly string[]): void {
    const vocabulary = { ...this.#leaves, composites };
    for (const object of this.model.objects) {
      // Without an entry point a module contributes the key only.
      if (object.name === 'Money' || (object.keys.length > 0 && object.merge === null)) continue;
      const stubs = hasStubs(object);
      const keys = stubs && (object.merge?.length ?? 0) > 1 ? [] : keysIn(object);
      const place = { ...this.#row, keys, stubs, isNamespace: isNamespace(object) };
      const count = this.random.between(object.keys.length > 0 ? 2 : 2, 5);
      for (let at = 0; at < count; at += 1)
        object.fields.push(randomField(this.random, this.named('f'), place, vocabulary, this.model.loaders));
      if (this.model.isService) this.#reading(object);
      if (keysIn(object).length > 0) this.#needable(object);
    }
  }

  /** Fields that other modules' computed fields may need: an object of values, or a leaf with an argument. */
  #needable(object: ObjectModel): void {
    const { random, model } = this;
    const how: How = { by: model.isService ? 'function' : 'async' };
    const add = (type: FieldModel['type'], args: readonly string[]) =>
      object.fields.push({ name: this.named('n'), type, args, directives: [], how, needs: [] });
    const values = model.objects.filter(
      ({ name, keys, merge }) => keys.length === 0 && merge === null && !ROOT_TYPES.has(name),
    );
    if (values.length > 0 && random.chance(0.5)) add(named(random.pick(values).name), []);
    if (random.chance(0.4)) add(named(random.pick(BUILT_IN)), ['n: Int']);
  }

  /** A field with a resolver that reads fields of the service. */
  #reading(object: ObjectModel): void {
    const { random } = this;
    const fields = object.fields.filter(
      ({ type, args, how }) => how.by === 'property' && args.length === 0 && type.is === 'named' && READ.has(type.name),
    );
    const read = random.shuffled(fields).slice(0, random.between(1, 2));
    if (read.length === 0 || !random.chance(0.5)) return;
    const how: How = { by: 'reads', fields: read.map(({ name }) => name) };
    const type = named(random.pick(BUILT_IN));
    object.fields.push({ name: this.named('r'), type, args: [], directives: [], how, needs: [] });
  }

  roots(composites: readonly string[]): void {
    const vocabulary = { ...this.#leaves, composites };
    const { random } = this;
    const add = (root: string, prefix: string, most: number, isMutation: boolean) => {
      const object = this.object(root);
      const count = random.between(1, most);
      for (let at = 0; at < count; at += 1)
        object.fields.push(
          randomField(
            random,
            this.named(prefix),
            { ...this.#row, isRoot: true, isMutation },
            vocabulary,
            this.model.loaders,
          ),
        );
    };
    add('Query', 'q', 3, false);
    if (random.chance(0.6)) add('Mutation', 'm', 2, true);
  }
}

const ROW: Place = {
  keys: [],
  stubs: false,
  isNamespace: false,
  isService: false,
  isRoot: false,
  isMutation: false,
};

/** Types of fields that a resolver in a module over a service may read: each has one text. */
const READ: ReadonlySet<string> = new Set(['ID', 'String', 'Int', 'Status']);

/** True if one resolver can serve objects of several types. */
const isInheritable = ({ how }: FieldModel): boolean =>
  ['sync', 'async', 'info', 'loaders'].includes(how.by) || (how.by === 'loaded' && !how.map && !how.computed);

const fieldText = ({ name, args, type }: FieldModel): string =>
  `${name}${args.length > 0 ? `(${args.join(', ')})` : ''}: ${printed(type)}`;
