import { type GraphQLNamedType, getNamedType, isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import { isLoaded, keyNames } from '../define/loaded.ts';
import type { SchemaModule } from '../define/module.ts';
import type { SelectingInfo } from './selected-rows.ts';

/** Options of `fieldMask`. Declare them as a constant: masks are kept by this object. */
export interface FieldMaskOptions {
  /**
   * Paths by coordinate, where they differ from the name of the field: `{ 'Book.title': 'display_title' }`. A list has
   * the paths that a resolver reads, and none is added below it: `{ 'Book.label': ['title', 'author.name'], 'Book.stock':
   * [] }`. Paths are relative to the message of the type. Default none.
   */
  readonly paths?: Readonly<Record<string, string | readonly string[]>>;
  /** Case of the other names: `snake` as in a .proto, or `camel` as in JSON. Default `snake`. */
  readonly case?: 'snake' | 'camel';
  /** Places of the rows below the field, as in the SDL: `['nodes', 'edges.node']` for a connection. Default the field itself. */
  readonly at?: readonly string[];
  /** Paths that every mask contains, such as those that a guard reads. Default none. */
  readonly always?: readonly string[];
  /**
   * Paths into lists: `whole` ends them at the list, as the FieldMask of protobuf requires; `fields` continues them
   * (`authors.name`), `wildcard` with a star (`authors.*.name`, AIP-161). Default `whole`.
   */
  readonly lists?: 'whole' | 'fields' | 'wildcard';
}

/** How a field is read: as a property of the row, from named properties, or in a way that only `paths` can declare. */
export type FieldReads = 'property' | readonly string[] | null;

export const readsOf = ({ resolvers }: SchemaModule, type: string, field: string): FieldReads => {
  const own = Object.hasOwn(resolvers, type) ? resolvers[type] : undefined;
  const resolver: unknown = own !== undefined && Object.hasOwn(own, field) ? Reflect.get(own, field) : undefined;
  if (resolver === undefined) return 'property';
  const keys = isLoaded(resolver) ? keyNames(resolver.key) : [];
  return keys.length === 0 ? null : keys;
};

type Paths = NonNullable<FieldMaskOptions['paths']>;

export const pathsOption = (paths: Paths, coordinate: string): Paths[string] | undefined =>
  Object.hasOwn(paths, coordinate) ? paths[coordinate] : undefined;

/** Coordinates of fields that a mask could reach, with a resolver that `paths` does not mention. */
const undeclaredBelow = ({ module, schema }: SelectingInfo['selecting'], start: GraphQLNamedType, paths: Paths) => {
  const undeclared: string[] = [];
  const types = new Set([start]);
  // The set grows during the loop.
  for (const type of types) {
    if (isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) types.add(possible);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      // It is computed from fields of other modules, not from the row.
      if (Object.hasOwn(module.merge[type.name]?.needs ?? {}, field.name)) continue;
      const path = pathsOption(paths, coordinate);
      const reads = readsOf(module, type.name, field.name);
      if (path === undefined && reads === null) undeclared.push(coordinate);
      else if (typeof path === 'string' || (path === undefined && reads === 'property'))
        types.add(getNamedType(field.type));
    }
  }
  return undeclared;
};

/** The type at a place below a field; undefined if there is none. */
const typeAt = (start: GraphQLNamedType, place: string): GraphQLNamedType | undefined =>
  place.split('.').reduce<GraphQLNamedType | undefined>((type, name) => {
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    return field && getNamedType(field.type);
  }, start);

/**
 * Checks the options against the module's SDL and resolvers.
 *
 * @throws Error with all problems: unknown names, and reachable fields with a resolver that `paths` does not mention
 */
export const checkMaskOptions = (info: SelectingInfo, { paths = {}, at = [] }: FieldMaskOptions): void => {
  const { schema } = info.selecting;
  const returned = getNamedType(info.returnType);
  const problems: string[] = [];
  for (const coordinate of Object.keys(paths)) {
    const [typeName = '', field = ''] = coordinate.split('.');
    const type = schema.getType(typeName);
    if (!isObjectType(type) || type.getFields()[field] === undefined)
      problems.push(`paths has ${coordinate}, a field that the SDL of the module does not have`);
  }
  const starts = at.length === 0 ? [returned] : at.map((place) => typeAt(returned, place));
  for (const [index, start] of starts.entries()) {
    if (start === undefined) problems.push(`at has ${at[index]}, a place that ${returned.name} does not have`);
    else
      for (const coordinate of undeclaredBelow(info.selecting, start, paths))
        problems.push(`${coordinate} has a resolver: name what it reads, as in paths: { '${coordinate}': ['name'] }`);
  }
  if (problems.length > 0)
    throw new Error(`fieldMask at ${info.parentType.name}.${info.fieldName}: ${[...new Set(problems)].join('; ')}.`);
};
