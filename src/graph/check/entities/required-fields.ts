import { GraphQLError } from 'graphql';
import { type NeededField, parseNeed } from '../../../backend/merge/needed-field.ts';
import { elsewhere, inIndex, mayBeDefined, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import { schemaOfSdl } from '../sdl.ts';
import type { TypeView } from '../type-summary.ts';
import { mergeOf, whyNotCarried } from './entity.ts';
import { problemsOfSelection } from './needed-selection.ts';

/** The module that computes fields of a type, with its definition of the type. */
interface Computing {
  readonly type: string;
  readonly own: TypeView;
  readonly reading: ParsedModule;
  readonly readings: readonly ParsedModule[];
}

interface Giver {
  readonly other: ParsedModule;
  readonly node: NonNullable<ReturnType<TypeView['fields']['get']>>;
}

const NOTATION = "write one field in GraphQL's notation, such as price { units nanos } or rating(scale: 5)";

const FIX = 'correct the text in needs';

/** Problems of a field in the module that provides it. */
const wrongSelection = (
  { type, reading }: Computing,
  what: string,
  need: NeededField,
  { other, node }: Giver,
): readonly ModuleProblem[] => {
  if (need.text === need.property && whyNotCarried(other, node) === null) return [];
  const schema = other.sdl.is === 'read' ? schemaOfSdl(other.sdl.sdl) : null;
  if (schema === null) return [];
  return problemsOfSelection(need.node, type, schema, other.module.merge).map((message) => {
    const [why, hint] = message.split(/\.? Did you mean /);
    const fix = hint === undefined ? FIX : `${FIX} (did you mean ${hint.replace(/\?$/, '')})`;
    return inIndex(reading, `${what} of ${elsewhere(other, node.name)}: ${why}`, fix);
  });
};

const wrongNeed = (computing: Computing, computed: string, need: NeededField): readonly ModuleProblem[] => {
  const { type, own, reading, readings } = computing;
  const what = `${type}.${computed} needs ${need.text}`;
  if (own.fields.has(need.name))
    return [
      inIndex(
        reading,
        `${what}, which is a field of ${reading.module.name} itself`,
        `remove it from needs, and read it in the resolver of ${computed}`,
      ),
    ];
  if (own.fields.has(need.property))
    return [
      inIndex(reading, `${what}, with the name of a field of ${reading.module.name} itself`, 'use another alias'),
    ];
  const givers = readings.flatMap((other) => {
    const node = other === reading ? undefined : other.types.get(type)?.fields.get(need.name);
    return node === undefined ? [] : [{ other, node }];
  });
  if (givers.length === 0)
    return mayBeDefined(readings, type, [need.name])
      ? []
      : [inIndex(reading, `${what}, which no other module has`, 'correct the name, or remove it from needs')];
  return givers.flatMap((giver) => wrongSelection(computing, what, need, giver));
};

/** A computed field must be in the SDL and have a resolver. */
const wrongComputed = ({ type, own, reading }: Computing, computed: string): readonly ModuleProblem[] => {
  if (!own.fields.has(computed)) {
    const problem = `needs names ${type}.${computed}, a field that ${type} does not have`;
    return [inIndex(reading, problem, 'correct the name, or add the field to the SDL')];
  }
  if (Object.hasOwn(reading.module.resolvers[type] ?? {}, computed)) return [];
  const problem = `needs names ${type}.${computed}, which has no resolver to compute it`;
  return [inIndex(reading, problem, `add ${computed} to resolvers.${type}`)];
};

/** The text as a field, or the reason for which it is none. */
const read = (text: string): NeededField | string => {
  try {
    return parseNeed(text);
  } catch (error) {
    if (error instanceof GraphQLError) return error.message.replace(/\.$/, '');
    throw error;
  }
};

/** The fields that a module needs for its type. Texts that are no field are left out. */
export const needsIn = (reading: ParsedModule, type: string): ReadonlyMap<string, readonly NeededField[]> =>
  new Map(
    Object.entries(mergeOf(reading, type)?.needs ?? {}).map(([computed, texts]) => [
      computed,
      texts.map(read).filter((need) => typeof need !== 'string'),
    ]),
  );

/** The resolvers of one type have one parent, so that a property has one meaning. */
const ambiguous = ({ type, reading }: Computing): readonly ModuleProblem[] => {
  const byProperty = Map.groupBy([...needsIn(reading, type).values()].flat(), ({ property }) => property);
  return [...byProperty].flatMap(([property, needs]) => {
    const [one, other] = new Set(needs.map(({ text }) => text));
    if (other === undefined) return [];
    const problem = `${type} needs ${one} and ${other}, which are one property of the parent`;
    return [inIndex(reading, problem, `give one of them an alias, such as other: ${property}`)];
  });
};

const ofType = (computing: Computing): readonly ModuleProblem[] => {
  const { type, reading } = computing;
  const ofFields = Object.entries(mergeOf(reading, type)?.needs ?? {}).flatMap(([computed, texts]) => [
    ...wrongComputed(computing, computed),
    ...texts.flatMap((text) => {
      const need = read(text);
      if (typeof need !== 'string') return wrongNeed(computing, computed, need);
      return [inIndex(reading, `${type}.${computed} needs "${text}", which is not a field: ${need}`, NOTATION)];
    }),
  ]);
  return [...ofFields, ...ambiguous(computing)];
};

/** Reports `needs` of missing fields and of fields without resolver, and needed fields that cannot be join inputs. */
export const invalidRequiredFields = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  readings.flatMap((reading) =>
    Object.keys(reading.module.merge).flatMap((type) => {
      const own = reading.types.get(type);
      return own?.kind === 'type' ? ofType({ type, own, reading, readings }) : [];
    }),
  );
