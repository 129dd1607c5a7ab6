import type { Random } from '../../random.ts';
import { type FieldModel, type How, type ModuleModel, nameIn } from '../model.ts';
import type { Draft } from './draft.ts';
import { BUILT_IN, hasStubs, ROOT_TYPES, SHARED } from './names.ts';
import type { EntityPlan } from './random-entities.ts';
import { randomType } from './random-fields.ts';

/** True if a join can pass the field to another module, and there is one value to pass. */
const isCarried = (
  { type, args, needs, how }: FieldModel,
  { isService }: Pick<ModuleModel, 'isService'>,
  keys: readonly string[],
  name: string,
): boolean =>
  args.length === 0 &&
  // A service that fails a non-null field fails the row, whether a client or a join requests it.
  !(isService && type.is === 'nonNull') &&
  // Its `info` is undefined if only a join reads it.
  how.by !== 'info' &&
  needs.length === 0 &&
  !keys.includes(name) &&
  [...BUILT_IN, ...SHARED].includes(nameIn(type));

/** Texts of `needs` for a field of objects of the module: with some of their leaves, or none without a leaf. */
const selectionsOf = (random: Random, { name, type, args, needs, how }: FieldModel, model: ModuleModel) => {
  const { objects, isService } = model;
  if (isService && type.is === 'nonNull') return [];
  const object = objects.find((one) => one.name === nameIn(type) && one.keys.length === 0 && !ROOT_TYPES.has(one.name));
  if (object === undefined || args.length > 0 || needs.length > 0 || how.by === 'info') return [];
  const leaves = object.fields.filter((field) => isCarried(field, { isService: false }, [], ''));
  const below = random.shuffled(leaves).slice(0, random.between(1, 3));
  const alias = random.chance(0.3) ? `as_${name}: ` : '';
  return below.length === 0 ? [] : [`${alias}${name} { ${below.map((field) => field.name).join(' ')} }`];
};

/** Texts of `needs` for a leaf with arguments: those with a known literal, if the others have defaults. */
const withLiterals = ({ name, type, args, needs, how }: FieldModel, { isService }: ModuleModel): readonly string[] => {
  const isLeaf = [...BUILT_IN, ...SHARED].includes(nameIn(type));
  if (isService && type.is === 'nonNull') return [];
  if (args.length === 0 || !isLeaf || needs.length > 0 || how.by === 'info') return [];
  const given = args.flatMap((arg) =>
    arg.startsWith('n: Int') ? ['n: 5'] : arg.startsWith('on: ') ? ['on: true'] : [],
  );
  const isComplete = args.every((arg) => /^(n|on):/.test(arg) || !arg.includes('!') || arg.includes('='));
  return isComplete && given.length > 0 ? [`${name}(${given.join(', ')})`] : [];
};

/** Fields that are computed from other modules' fields of the same entity. */
export const computedFields = (random: Random, plan: EntityPlan, drafts: readonly Draft[]): void => {
  const parts = drafts.flatMap((draft) =>
    draft.model.objects.filter(({ name }) => name === plan.name).map((object) => ({ draft, object })),
  );
  const keys = Object.keys(plan.types);
  for (const { draft, object } of parts) {
    if (object.merge === null || !random.chance(0.7)) continue;
    const others = parts.filter((other) => other.object !== object);
    const own = new Set(object.fields.map(({ name }) => name));
    const foreign = others.flatMap((other) =>
      other.object.fields.filter(({ name }) => !own.has(name)).map((field) => ({ ...other, field })),
    );
    // Several modules may provide the field, and a row has the value of its own module.
    const uncarried = new Set(
      foreign.flatMap(({ draft: other, field }) =>
        isCarried(field, other.model, keys, field.name) ? [] : [field.name],
      ),
    );
    const carried = new Set(foreign.flatMap(({ field: { name } }) => (uncarried.has(name) ? [] : [name])));
    const further = foreign.flatMap(({ draft: other, field }) => [
      ...selectionsOf(random, field, other.model),
      ...withLiterals(field, other.model),
    ]);
    const drawn = random.shuffled([...carried]).slice(0, random.between(1, 2));
    const needs = [...drawn, ...random.shuffled(further).slice(0, random.between(1, 2))];
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
export const shareableField = (random: Random, { name: entity }: EntityPlan, drafts: readonly Draft[]): void => {
  const objects = random.shuffled(
    drafts.flatMap(({ model }) => model.objects.filter(({ name, keys }) => name === entity && keys.length > 0)),
  );
  const merged = objects.filter(({ merge }) => merge !== null);
  if (merged.length < 2) return;
  const type = randomType(random, { leaves: BUILT_IN, composites: [], shares: false }, 0);
  const services = new Set(drafts.flatMap(({ model }) => (model.isService ? model.objects : [])));
  for (const object of [...merged.slice(0, 2), ...random.some(merged.slice(2), 0.5)]) {
    const isService = services.has(object);
    const by = isService
      ? 'property'
      : hasStubs(object)
        ? random.pick(['sync', 'async'] as const)
        : random.pick(['property', 'sync', 'async'] as const);
    const field = { name: `s${entity}`, type, args: [], directives: ['@shareable'], how: { by }, needs: [] };
    object.fields.push({ ...field, isShared: true });
  }
};
