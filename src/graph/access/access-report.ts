import { type GraphQLArgument, type GraphQLSchema, isInputObjectType, isObjectType } from 'graphql';
import type { Authorization } from '../directives/authorization/authorize.ts';
import type { InputShapes } from '../directives/authorization/given-inputs.ts';
import { argumentCoordinate, coordinate, NONE } from '../directives/authorization/requirement.ts';
import { type Access, accessOf, both, EVERYONE, isWithin } from './alternatives.ts';
import { reachOf, type TypeReach } from './reach.ts';

/** Who can use a field, argument, input field or pass-through route. */
export interface AccessRow {
  /** `Type.field`, `Type.field(argument:)`, `Input.field` or `GET /path`. */
  readonly at: string;
  readonly kind: 'field' | 'argument' | 'input field' | 'route';
  readonly access: Access;
  /** Fields from a root type to the field, on the path with the fewest requirements; empty for input fields and routes. */
  readonly path: readonly string[];
  /**
   * A field with requirements that also leads to the objects of the type, and protects nothing: another path has none.
   * Null if there is no such field.
   */
  readonly bypassed: string | null;
}

/** The first field with stricter requirements than the open path to the type has. */
const bypassedEntry = ({ access, entries }: TypeReach): string | null => {
  if (!isWithin(EVERYONE, access)) return null;
  return entries.find((entry) => !isWithin(EVERYONE, entry.access))?.field ?? null;
};

const argumentRows = (
  type: string,
  field: string,
  args: readonly GraphQLArgument[],
  shapes: InputShapes | undefined,
  { access, path }: Pick<AccessRow, 'access' | 'path'>,
): readonly AccessRow[] =>
  args.map(({ name }) => ({
    at: argumentCoordinate(type, field, name),
    kind: 'argument',
    access: both(access, accessOf(shapes?.get(name)?.requirement ?? NONE)),
    path,
    bypassed: null,
  }));

/** Who can reach which field, argument and input field, in the order of the schema. */
export const accessReport = (schema: GraphQLSchema, authorization: Authorization): readonly AccessRow[] => {
  const reach = reachOf(schema, authorization);
  const { requirements, inputs } = authorization;
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  return types.flatMap((type): readonly AccessRow[] => {
    if (isInputObjectType(type))
      return Object.keys(type.getFields()).map((name) => {
        const requirement = inputs.types.get(type.name)?.get(name)?.requirement ?? NONE;
        const at = coordinate(type.name, name);
        return { at, kind: 'input field', access: accessOf(requirement), path: [], bypassed: null };
      });
    const found = isObjectType(type) ? reach.get(type.name) : undefined;
    if (!isObjectType(type) || found === undefined) return [];
    return Object.values(type.getFields()).flatMap(({ name, args }) => {
      const at = coordinate(type.name, name);
      const access = both(found.access, accessOf(requirements.get(at) ?? NONE));
      const path = [...found.path, at];
      const bypassed = isWithin(EVERYONE, access) ? bypassedEntry(found) : null;
      const shapes = inputs.args.get(at);
      return [
        { at, kind: 'field' as const, access, path, bypassed },
        ...argumentRows(type.name, name, args, shapes, { access, path }),
      ];
    });
  });
};
