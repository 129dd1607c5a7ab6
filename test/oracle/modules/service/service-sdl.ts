import {
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type NameNode,
  type ObjectTypeDefinitionNode,
  parse,
  visit,
} from 'graphql';
import { USUAL_SCALARS } from '../../../../src/backend/define/scalars/built-in-scalars.ts';
import { enumsOf } from '../leaves.ts';
import { type LoaderModel, type ModuleModel, nameIn } from '../model.ts';
import { sdlOf } from '../sdl.ts';
import { loaderField, ServiceNames } from './service-names.ts';

const BUILT_IN: ReadonlySet<string> = new Set(['ID', 'String', 'Int', 'Float', 'Boolean']);

type EntityLoader = Extract<LoaderModel, { readonly of: 'entity' }>;

const isOneOf = ({ name }: DirectiveNode): boolean => name.value === 'oneOf';

const named = <Node extends { readonly name: NameNode }>(node: Node, value: string): Node => ({
  ...node,
  name: { ...node.name, value },
});

/** Root field that loads an entity, and the type of a composite key. */
const loaderSdl = (model: ModuleModel, loader: EntityLoader, names: ServiceNames): readonly string[] => {
  const { name, entity, key, by } = loader;
  if (by === 'entities') return [];
  const typeOf = (field: string): string => {
    const found = model.objects.find((one) => one.name === entity)?.fields.find((one) => one.name === field);
    const type = found === undefined ? 'ID' : nameIn(found.type);
    return BUILT_IN.has(type) || USUAL_SCALARS[type] !== undefined || type === 'Stamp' ? type : names.type(type);
  };
  const [single = ''] = key;
  const field = loaderField(name);
  const row = names.type(entity);
  if (by === 'one') return [`extend type Query { ${field}(key: ${typeOf(single)}!): ${row} }`];
  const isNonNull = name.length % 2 === 0 ? '!' : '';
  if (key.length === 1) return [`extend type Query { ${field}(keys: [${typeOf(single)}!]!): [${row}]${isNonNull} }`];
  const fields = key.map((one) => `${one}: ${typeOf(one)}!`).join(' ');
  return [
    `input ${field}_Key { ${fields} }`,
    `extend type Query { ${field}(keys: [${field}_Key!]!): [${row}]${isNonNull} }`,
  ];
};

const entitiesSdl = (model: ModuleModel, names: ServiceNames): readonly string[] => {
  const types = new Set(
    model.loaders.flatMap((one) => (one.of === 'entity' && one.by === 'entities' ? [names.type(one.entity)] : [])),
  );
  if (types.size === 0) return [];
  return [
    `scalar _Any union _Entity = ${[...types].join(' | ')}`,
    'extend type Query { _entities(representations: [_Any!]!): [_Entity]! }',
  ];
};

/** Fields of the module that its own resolvers provide. */
const isOwn = (model: ModuleModel, type: string, field: string): boolean =>
  model.objects.some(
    ({ name, fields }) =>
      name === type && fields.some((one) => one.name === field && (one.how.by === 'reads' || one.needs.length > 0)),
  );

/** Scalars that the gateway defines. */
const usualIn = (document: DocumentNode): readonly string[] => {
  const used = new Set<string>();
  visit(document, { NamedType: ({ name }) => void used.add(name.value) });
  return Object.keys(USUAL_SCALARS).flatMap((name) => (used.has(name) ? [`scalar ${name}`] : []));
};

/** The names of an enum's values in the service: the internal values of the module. */
const valueNames = (model: ModuleModel, type: string): Readonly<Record<string, unknown>> =>
  enumsOf(model.name)[type] ?? {};

/** SDL of the service of a module: its fields under the service's names, without directives, and its loaders. */
export const serviceSdl = (model: ModuleModel): DocumentNode => {
  const names = new ServiceNames(model);
  const document = parse(sdlOf(model));
  const scalars = new Set(
    document.definitions.flatMap((node) => (node.kind === Kind.SCALAR_TYPE_DEFINITION ? [node.name.value] : [])),
  );
  const isKept = (name: string): boolean =>
    BUILT_IN.has(name) || scalars.has(name) || Object.hasOwn(USUAL_SCALARS, name);
  const fieldsOf = (node: ObjectTypeDefinitionNode): readonly FieldDefinitionNode[] =>
    (node.fields ?? []).filter(({ name }) => !isOwn(model, node.name.value, name.value));
  const renamed: DocumentNode = visit(document, {
    Directive: (node) => (isOneOf(node) ? undefined : null),
    ObjectTypeDefinition: {
      enter: (node) => ({ ...node, fields: fieldsOf(node) }),
      leave: (node) => named(node, names.type(node.name.value)),
    },
    InterfaceTypeDefinition: (node) => named(node, names.type(node.name.value)),
    UnionTypeDefinition: (node) => named(node, names.type(node.name.value)),
    InputObjectTypeDefinition: {
      leave: (node) => ({
        ...named(node, names.type(node.name.value)),
        fields: (node.fields ?? []).map((field) => named(field, names.field(field.name.value))),
      }),
    },
    EnumTypeDefinition: (node) => {
      const values = valueNames(model, node.name.value);
      return {
        ...named(node, names.type(node.name.value)),
        values: (node.values ?? []).map((value) => named(value, String(values[value.name.value] ?? value.name.value))),
      };
    },
    FieldDefinition: { leave: (node) => named(node, names.field(node.name.value)) },
    NamedType: (node) => (isKept(node.name.value) ? undefined : named(node, names.type(node.name.value))),
    // The module's defaults are always sent.
    InputValueDefinition: ({ defaultValue: _, ...node }) => node,
  });
  const loaders = model.loaders.flatMap((one) => (one.of === 'entity' ? loaderSdl(model, one, names) : []));
  const more = [...usualIn(document), ...loaders, ...entitiesSdl(model, names)].join('\n');
  return { ...renamed, definitions: [...renamed.definitions, ...(more === '' ? [] : parse(more).definitions)] };
};
