import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql';
import type { Random } from './random.ts';

/** Maximum depth of fields from the root; marks may be one deeper. */
const MAX_DEPTH = 4;
/** Few ids of each kind, so that callers request the same ones. */
const IDS = 6;

/** The field with the mark, added to every selection of its type. */
const MARKED: Readonly<Record<string, string>> = {
  Customer: 'name',
  CustomerPage: 'nodes { name }',
  Product: 'name',
  ProductConnection: 'nodes { name }',
  ProductEdge: 'node { name }',
  Stock: 'warehouse',
  Order: 'servedTo',
  Leaflet: 'title',
};

const PREFIXES: Readonly<Record<string, string>> = { customer: 'c', order: 'o', product: 'p', leaflet: 'p' };

type Field = GraphQLField<unknown, unknown>;

const argumentOf = (field: Field, { name }: GraphQLArgument, random: Random): string => {
  if (name === 'id') return `"${PREFIXES[field.name] ?? 'p'}${1 + random.below(IDS)}"`;
  if (name === 'first') return String(1 + random.below(2));
  if (name === 'below') return String(3 + random.below(3));
  if (name === 'text') return random.choose(['null', '"steel"', '"o"']);
  return 'null';
};

/**
 * A random query of the schema: fields of any type, aliases, arguments, repeated fields, inline and named fragments.
 *
 * @param roots allowed root fields
 */
export const randomQuery = (schema: GraphQLSchema, random: Random, roots: readonly string[]): string => {
  const fragments: string[] = [];
  let aliases = 0;

  const written = (field: Field, depth: number): string => {
    const given = field.args.map((argument) => `${argument.name}: ${argumentOf(field, argument, random)}`);
    aliases += 1;
    // A field with arguments has an alias of its own, because one name can mean only one thing.
    const alias = given.length > 0 || random.chance(0.2) ? `a${aliases}: ` : '';
    const type = getNamedType(field.type);
    const inner = isObjectType(type) ? ` ${selectionOf(type, depth + 1)}` : '';
    return `${alias}${field.name}${given.length === 0 ? '' : `(${given.join(', ')})`}${inner}`;
  };

  const dressed = (text: string, type: GraphQLObjectType): string => {
    if (random.chance(0.1)) return `${text} ${text}`;
    if (random.chance(0.1)) return `... on ${type.name} { ${text} }`;
    if (!random.chance(0.1)) return text;
    const name = `F${fragments.length}`;
    fragments.push(`fragment ${name} on ${type.name} { ${text} }`);
    return random.chance(0.3) ? `...${name} ...${name}` : `...${name}`;
  };

  const some = (fields: readonly Field[], type: GraphQLObjectType, depth: number): string[] =>
    Array.from({ length: 1 + random.below(2) }, () => dressed(written(random.choose(fields), depth), type));

  const selectionOf = (type: GraphQLObjectType, depth: number): string => {
    const possible = Object.values(type.getFields()).filter(
      (field) => depth < MAX_DEPTH || isLeafType(getNamedType(field.type)),
    );
    return `{ ${[...some(possible, type, depth), MARKED[type.name] ?? ''].join(' ')} }`;
  };

  const query = schema.getQueryType();
  if (!query) throw new Error('The schema has no queries.');
  const asked = Object.values(query.getFields()).filter(({ name }) => roots.includes(name));
  return [`{ ${some(asked, query, 1).join(' ')} }`, ...fragments].join('\n');
};

/** Names of all root fields of Query. */
export const rootsOf = (schema: GraphQLSchema): readonly string[] =>
  Object.keys(schema.getQueryType()?.getFields() ?? {});
