import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  GraphQLList,
  type GraphQLOutputType,
  type GraphQLScalarType,
  type GraphQLSchema,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  valueFromASTUntyped,
  visit,
} from 'graphql';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { USUAL_SCALARS } from '../../../src/backend/define/scalars/built-in-scalars.ts';
import { Enumeration } from '../../../src/backend/define/scalars/enumeration.ts';

/** Removes directives that only the gateway interprets. */
const withoutDirectives = (document: DocumentNode): DocumentNode =>
  visit(document, { Directive: ({ name }) => (name.value === 'oneOf' ? undefined : null) });

const nameOf = (node: DefinitionNode): string => ('name' in node ? (node.name?.value ?? '') : '');

const both = (one: ObjectTypeDefinitionNode, more: ObjectTypeDefinitionNode): ObjectTypeDefinitionNode => {
  const has = new Set(one.fields?.map(({ name }) => name.value));
  const is = new Set(one.interfaces?.map(({ name }) => name.value));
  return {
    ...one,
    interfaces: [...(one.interfaces ?? []), ...(more.interfaces ?? []).filter(({ name }) => !is.has(name.value))],
    fields: [...(one.fields ?? []), ...(more.fields ?? []).filter(({ name }) => !has.has(name.value))],
  };
};

const complete = (documents: readonly DocumentNode[]): GraphQLSchema => {
  const definitions = new Map<string, DefinitionNode>();
  const used = new Set<string>();
  for (const document of documents) {
    visit(document, { NamedType: ({ name }) => void used.add(name.value) });
    for (const node of document.definitions) {
      const known = definitions.get(nameOf(node));
      const merged =
        known?.kind === Kind.OBJECT_TYPE_DEFINITION && node.kind === Kind.OBJECT_TYPE_DEFINITION
          ? both(known, node)
          : (known ?? node);
      definitions.set(nameOf(node), merged);
    }
  }
  const usual = Object.keys(USUAL_SCALARS).filter((name) => used.has(name) && !definitions.has(name));
  const implied = parse(usual.map((name) => `scalar ${name}`).join('\n') || 'scalar Unused').definitions;
  const all = [...definitions.values(), ...implied];
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions: all }, { assumeValid: true });
};

/** The scalar's definition in a module; undefined if the module has none. */
const meaningIn = ({ resolvers }: SchemaModule, name: string): GraphQLScalarType | undefined => {
  const given = resolvers[name];
  return isScalarType(given) ? given : USUAL_SCALARS[name]?.type;
};

/**
 * The schema of all modules. Scalars and enums have the values of clients; a scalar rejects what its module rejects.
 */
export const composedSchema = (modules: readonly SchemaModule[]): GraphQLSchema => {
  const schema = complete(modules.map(({ typeDefs }) => withoutDirectives(parse(typeDefs.text))));
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || isSpecifiedScalarType(type)) continue;
    const meaning = modules.map((module) => meaningIn(module, type.name)).find((one) => one !== undefined);
    if (meaning === undefined) continue;
    Object.assign(type, {
      parseValue: (value: unknown) => {
        meaning.parseValue(value);
        return value;
      },
      parseLiteral: (...[node, variables]: Parameters<GraphQLScalarType['parseLiteral']>) => {
        meaning.parseLiteral(node, variables);
        return valueFromASTUntyped(node, variables);
      },
    });
  }
  return schema;
};

/** Converts between names for clients and internal values. */
const meaningOf = ({ values }: Enumeration) => ({
  serialize: (value: unknown) => {
    const found = Object.entries(values).find(([, internal]) => internal === value);
    if (found === undefined) throw new Error('This is no value of the enum.');
    return found[0];
  },
  parseValue: (name: unknown) => values[String(name)],
});

/** One module's own schema, with the module's definitions of scalars and enums. */
export const ownSchema = (module: SchemaModule): GraphQLSchema => {
  const schema = complete([withoutDirectives(parse(module.typeDefs.text))]);
  for (const type of Object.values(schema.getTypeMap())) {
    const given = module.resolvers[type.name];
    if (isEnumType(type) && given instanceof Enumeration) Object.assign(type, meaningOf(given));
    if (!isScalarType(type)) continue;
    const meaning = meaningIn(module, type.name);
    if (meaning === undefined) continue;
    const { serialize, parseValue, parseLiteral } = meaning;
    Object.assign(type, { serialize, parseValue, parseLiteral });
  }
  return schema;
};

const nullable = (type: GraphQLOutputType): GraphQLOutputType => {
  if (isNonNullType(type)) return nullable(type.ofType);
  return isListType(type) ? new GraphQLList(nullable(type.ofType)) : type;
};

/** Makes all output fields and list items of the schema nullable. */
export const withoutNonNull = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap()))
    if (isObjectType(type) && !type.name.startsWith('__'))
      for (const field of Object.values(type.getFields())) field.type = nullable(field.type);
  return schema;
};
