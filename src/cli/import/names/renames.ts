import { nearestSuggestion } from '../../../core/suggest.ts';
import { UsageError } from '../../command/exit-code.ts';
import type { TakenNames } from './taken-names.ts';

/** Names that the author chooses: `Type=NewType`, `Type.field=newField`. All are those before any rename. */
export interface Renames {
  type(name: string): string;
  field(type: string, name: string): string;
  /** Types that have the name of a type in another module, and join it by their key. Names before the renames. */
  readonly joined: ReadonlySet<string>;
}

/** A type of the graph before the renames. */
export interface NamedType {
  readonly name: string;
  readonly fields: readonly string[];
  /** False for a type with fields that the gateway reads by their names, such as a connection. */
  readonly hasOwnFields: boolean;
  /** True if a loader loads its rows by key, so that it can join a type of another module. */
  readonly isLoaded: boolean;
}

interface Rename {
  readonly text: string;
  readonly type: string;
  readonly field: string | null;
  readonly to: string;
}

const parsed = (text: string): Rename => {
  const [, type, field = null, to] = /^([A-Za-z]\w*)(?:\.([A-Za-z]\w*))?=([A-Za-z]\w*)$/.exec(text) ?? [];
  if (type === undefined || to === undefined)
    throw new UsageError(`--rename '${text}' is not valid: use Type=NewType or Type.field=newField.`);
  if (field === null && /^(Query|Mutation)$/.test(type))
    throw new UsageError(`--rename '${text}': a root type keeps its name.`);
  return { text, type, field, to };
};

const problemOf = ({ text, type, field }: Rename, types: ReadonlyMap<string, NamedType>): string[] => {
  const known = types.get(type);
  const similar = (name: string, names: Iterable<string>): string => {
    const nearest = nearestSuggestion(name, [...names]);
    return nearest === null ? '' : ` Did you mean '${nearest}'?`;
  };
  if (known === undefined) return [`--rename '${text}': no type ${type} is imported.${similar(type, types.keys())}`];
  if (field === null) return [];
  if (known.fields.length === 0) return [`--rename '${text}': ${type} has no fields.`];
  if (!known.hasOwnFields) return [`--rename '${text}': the gateway reads the fields of ${type} by their names.`];
  return known.fields.includes(field)
    ? []
    : [`--rename '${text}': ${type} has no field ${field}.${similar(field, known.fields)}`];
};

/** Problems of names that occur twice after the renames. */
const collisions = (names: readonly string[], shown: (name: string) => string): string[] =>
  [...new Set(names.filter((name, at) => names.indexOf(name) !== at))].map(
    (name) => `--rename: ${shown(name)} would exist twice. Use another name.`,
  );

/**
 * The renames of a graph with these types, root types included. `taken` are the names of other modules.
 *
 * @throws UsageError with all names that do not exist, or would exist twice
 */
export const renamesOf = (texts: readonly string[], types: readonly NamedType[], taken: TakenNames): Renames => {
  const list = texts.map(parsed);
  const ofTypes = new Map(list.flatMap(({ type, field, to }) => (field === null ? [[type, to] as const] : [])));
  const ofFields = new Map(
    list.flatMap(({ type, field, to }) => (field === null ? [] : [[`${type}.${field}`, to] as const])),
  );
  const byName = new Map(types.map((type) => [type.name, type]));
  const joined = [...ofTypes].filter(([type, to]) => taken.others.has(to) && byName.get(type)?.isLoaded === true);
  const renames: Renames = {
    joined: new Set(joined.map(([type]) => type)),
    type: (name) => ofTypes.get(name) ?? name,
    field: (type, name) => ofFields.get(`${type}.${name}`) ?? name,
  };
  const problems = [
    ...list.flatMap((one) => problemOf(one, byName)),
    ...list.flatMap(({ text, type, field, to }) => {
      if (field !== null)
        return /^(Query|Mutation)$/.test(type) && taken.fields.has(to)
          ? [`--rename: another module has ${type}.${to}. Use another name.`]
          : [];
      return taken.types.has(to) && byName.has(type) && !renames.joined.has(type)
        ? [
            `--rename '${text}': another module has ${to}, and no imported operation loads ${type} by its key, to join them. Use another name.`,
          ]
        : [];
    }),
    ...collisions(
      types.map(({ name }) => renames.type(name)),
      (name) => name,
    ),
    ...types.flatMap(({ name, fields }) =>
      collisions(
        fields.map((field) => renames.field(name, field)),
        (field) => `${name}.${field}`,
      ),
    ),
  ];
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return renames;
};
