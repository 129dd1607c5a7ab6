import { Random } from '../random.ts';
import {
  type AbstractModel,
  type FieldModel,
  type How,
  keysIn,
  type LoaderModel,
  type Model,
  type ModuleModel,
  named,
  nameIn,
  nonNull,
  type ObjectModel,
  printed,
} from './model.ts';
import { type EntityPlan, randomEntity } from './random-entities.ts';
import { type Place, randomField, randomType, type Vocabulary } from './random-fields.ts';

const BUILT_IN = ['ID', 'String', 'String', 'Int', 'Int', 'Float', 'Boolean', 'DateTime', 'JSON'];
const ROOT_TYPES: ReadonlySet<string> = new Set(['Query', 'Mutation']);
const SHARED = ['Status', 'Status', 'Stamp', 'Stamp', 'Color'];

/** A type may have requirements in addition to its fields'. */
const guards = (random: Random): readonly string[] => (random.chance(0.04) ? ['@authenticated'] : []);

/** True if rows may consist of their keys only. */
const hasStubs = ({ merge }: ObjectModel): boolean => merge?.some(({ load }) => load === null) === true;

/** One module in the making. */
class Draft {
  readonly random: Random;
  readonly model: ModuleModel;
  readonly #letter: string;
  #fields = 0;

  constructor(random: Random, name: string, shares: boolean) {
    this.random = random;
    this.#letter = name.toUpperCase();
    const tokens: LoaderModel = { of: 'token', name: 'tokens', composite: false };
    this.model = { name, shares, objects: [], abstracts: [], loaders: [tokens] };
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
      part.merge?.map((key, at) => ({ key, load: this.random.chance(0.6) ? `load${plan.name}${at || ''}` : null })) ??
      null;
    const object = this.object(plan.name, { keys: part.keys, merge, directives: guards(this.random) });
    for (const { key, load } of merge ?? [])
      if (load !== null) this.model.loaders.push({ of: 'entity', name: load, entity: plan.name, key });
    for (const name of part.keys) {
      const isGiven = merge?.some(({ key, load }) => load === null && !key.includes(name)) === true;
      const by = isGiven
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

  /** Interfaces and unions of types that this module returns. */
  abstracts(members: readonly ObjectModel[]): void {
    const { random, model } = this;
    const some = () => random.shuffled(members).slice(0, random.between(1, 3));
    const add = (kind: AbstractModel['kind'], fields: readonly string[], of: readonly ObjectModel[]) => {
      const name = `${kind === 'union' ? 'U' : 'I'}${this.#letter}${model.abstracts.length}`;
      const directives = kind === 'interface' ? guards(random) : [];
      model.abstracts.push({ name, kind, directives, fields, members: of.map((member) => member.name) });
      return name;
    };
    if (random.chance(0.7)) add('union', [], some());
    if (random.chance(0.7)) {
      const of = some().filter(({ merge, keys }) => keys.length === 0 || merge !== null);
      if (of.length === 0) return;
      const place = { ...ROW, stubs: of.some(hasStubs) };
      const shared = { ...randomField(random, this.named('f'), place, this.#leaves, model.loaders), directives: [] };
      const name = add('interface', [fieldText(shared)], of);
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
      const place = { ...ROW, keys: stubs && (object.merge?.length ?? 0) > 1 ? [] : keysIn(object), stubs };
      const count = this.random.between(object.keys.length > 0 ? 2 : 2, 5);
      for (let at = 0; at < count; at += 1)
        object.fields.push(randomField(this.random, this.named('f'), place, vocabulary, this.model.loaders));
    }
  }

  roots(composites: readonly string[]): void {
    const vocabulary = { ...this.#leaves, composites };
    const { random } = this;
    const add = (root: string, prefix: string, most: number, isMutation: boolean) => {
      const object = this.object(root);
      const count = random.between(1, most);
      for (let at = 0; at < count; at += 1)
        object.fields.push(
          randomField(random, this.named(prefix), { ...ROW, isRoot: true, isMutation }, vocabulary, this.model.loaders),
        );
    };
    add('Query', 'q', 3, false);
    if (random.chance(0.6)) add('Mutation', 'm', 2, true);
  }
}

const ROW: Place = { keys: [], stubs: false, isRoot: false, isMutation: false };

const fieldText = ({ name, args, type }: FieldModel): string =>
  `${name}${args.length > 0 ? `(${args.join(', ')})` : ''}: ${printed(type)}`;

/** True if a join can pass the field to another module, and there is one value to pass. */
const isCarried = ({ type, args, needs, how }: FieldModel, keys: readonly string[], name: string): boolean =>
  args.length === 0 &&
  // Its `info` is undefined if only a join reads it.
  how.by !== 'info' &&
  needs.length === 0 &&
  !keys.includes(name) &&
  [...BUILT_IN, ...SHARED].includes(nameIn(type));

/** Texts of `needs` for a field of objects of the module: with some of their leaves, or none without a leaf. */
const selectionsOf = (random: Random, { name, type, args, needs, how }: FieldModel, { objects }: ModuleModel) => {
  const object = objects.find((one) => one.name === nameIn(type) && one.keys.length === 0 && !ROOT_TYPES.has(one.name));
  if (object === undefined || args.length > 0 || needs.length > 0 || how.by === 'info') return [];
  const leaves = object.fields.filter((field) => isCarried(field, [], ''));
  const below = random.shuffled(leaves).slice(0, random.between(1, 3));
  const alias = random.chance(0.3) ? `as_${name}: ` : '';
  return below.length === 0 ? [] : [`${alias}${name} { ${below.map((field) => field.name).join(' ')} }`];
};

/** Texts of `needs` for a leaf with arguments: those with a known literal, if the others have defaults. */
const withLiterals = ({ name, type, args, needs, how }: FieldModel): readonly string[] => {
  const isLeaf = [...BUILT_IN, ...SHARED].includes(nameIn(type));
  if (args.length === 0 || !isLeaf || needs.length > 0 || how.by === 'info') return [];
  const given = args.flatMap((arg) =>
    arg.startsWith('n: Int') ? ['n: 5'] : arg.startsWith('on: ') ? ['on: true'] : [],
  );
  const isComplete = args.every((arg) => /^(n|on):/.test(arg) || !arg.includes('!') || arg.includes('='));
  return isComplete && given.length > 0 ? [`${name}(${given.join(', ')})`] : [];
};

/** Fields that are computed from other modules' fields of the same entity. */
const computedFields = (random: Random, plan: EntityPlan, drafts: readonly Draft[]): void => {
  const parts = drafts.flatMap((draft) =>
    draft.model.objects.filter(({ name }) => name === plan.name).map((object) => ({ draft, object })),
  );
  const keys = Object.keys(plan.types);
  for (const { draft, object } of parts) {
    if (object.merge === null || !random.chance(0.5)) continue;
    const others = parts.filter((other) => other.object !== object);
    const own = new Set(object.fields.map(({ name }) => name));
    const foreign = others.flatMap((other) =>
      other.object.fields.filter(({ name }) => !own.has(name)).map((field) => ({ ...other, field })),
    );
    const carried = new Set(foreign.flatMap(({ field }) => (isCarried(field, keys, field.name) ? [field.name] : [])));
    const further = foreign.flatMap(({ draft: other, field }) => [
      ...selectionsOf(random, field, other.model),
      ...withLiterals(field),
    ]);
    const drawn = random.shuffled([...carried]).slice(0, random.between(1, 2));
    const needs = [...drawn, ...random.some(further, 0.5)];
    if (needs.length === 0) continue;
    const leaves = { leaves: BUILT_IN, composites: [], shares: false };
    const type = randomType(random, leaves, 0);
    const key = drawn.slice(0, 1);
    const isLoaded = key.length > 0 && draft.model.loaders.some(({ name }) => name === 'tokens') && random.chance(0.5);
    const how: How = isLoaded
      ? { by: 'loaded', loader: 'tokens', key, computed: false, map: true }
      : { by: random.pick(['sync', 'async'] as const) };
    object.fields.push({ name: draft.named('c'), type, args: [], directives: [], how, needs });
  }
};

/** A field that several modules provide. Rows of modules without a merge have it as a property. */
const shareableField = (random: Random, { name: entity }: EntityPlan, drafts: readonly Draft[]): void => {
  const objects = random.shuffled(
    drafts.flatMap(({ model }) => model.objects.filter(({ name, keys }) => name === entity && keys.length > 0)),
  );
  const merged = objects.filter(({ merge }) => merge !== null);
  if (merged.length < 2) return;
  const type = randomType(random, { leaves: BUILT_IN, composites: [], shares: false }, 0);
  for (const object of [...merged.slice(0, 2), ...random.some(merged.slice(2), 0.5)]) {
    const by = hasStubs(object)
      ? random.pick(['sync', 'async'] as const)
      : random.pick(['property', 'sync', 'async'] as const);
    const field = { name: `s${entity}`, type, args: [], directives: ['@shareable'], how: { by }, needs: [] };
    object.fields.push({ ...field, isShared: true });
  }
};

const addMoney = (draft: Draft): string => {
  const money = draft.object('Money');
  const by = draft.random.pick(['property', 'async'] as const);
  const field = (name: string, type: FieldModel['type']): FieldModel => ({
    name,
    type,
    args: [],
    directives: [],
    how: { by },
    needs: [],
  });
  money.fields.push(field('amount', nonNull(named('Int'))), field('currency', named('String')));
  return money.name;
};

/** Modules that compose, most of the time. */
export const randomModel = (seed: string): Model => {
  const random = new Random(`model ${seed}`);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, random.between(2, 6));
  const drafts = names.map((name) => new Draft(random, name, random.chance(0.75)));
  const choice = { modules: names, shares: new Set(drafts.flatMap(({ model }) => (model.shares ? [model.name] : []))) };
  const plans = Array.from({ length: random.between(1, 3) }, (_, at) => randomEntity(random, `E${at}`, choice)).filter(
    (plan) => plan !== null,
  );
  for (const draft of drafts) {
    for (const plan of plans) draft.part(plan);
    const values = Array.from({ length: random.between(1, 3) }, () => draft.object(draft.named('V')));
    const brought = draft.model.objects.filter(({ name }) => {
      const part = plans.find((plan) => plan.name === name)?.parts.get(draft.model.name);
      return part?.brings === true;
    });
    const money = random.chance(0.3) ? [addMoney(draft)] : [];
    draft.abstracts([...values, ...brought]);
    const composites = [
      ...values.map(({ name }) => name),
      // More often than others, because joins are the subject.
      ...brought.flatMap(({ name }) => [name, name, name]),
      ...draft.model.abstracts.flatMap(({ name }) => [name, name]),
    ];
    // Payloads lead back to the root, as in Relay.
    const root = draft.random.chance(0.4) ? ['Query'] : [];
    draft.fields([...composites, ...money, ...root]);
    draft.roots(composites);
  }
  for (const plan of plans) {
    if (random.chance(0.6)) shareableField(random, plan, drafts);
    computedFields(random, plan, drafts);
  }
  return { seed, modules: drafts.map(({ model }) => model) };
};
