import {
  type DefinitionNode,
  type FieldDefinitionNode,
  isInterfaceType,
  isScalarType,
  Kind,
  type NamedTypeNode,
  type NameNode,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql';
import type { ImportedSchema } from '../imported-schema.ts';
import { mappedScalar } from '../service-scalars.ts';

const KEPT = new Set(['deprecated', 'oneOf']);

/** Separates a scalar from its name in the service, until the comments are written. */
const MARK = '__OF__';

const commented = (text: string, reasons: ReadonlyMap<string, string>): string =>
  text
    .split('\n')
    .flatMap((line) => {
      const [, pad = ''] = /^(\s*)/.exec(line) ?? [];
      const found = [...line.matchAll(new RegExp(`(\\w+?)${MARK}(\\w+)`, 'g'))];
      const comments = new Set(
        found.map(
          ([, scalar, name = '']) =>
            `${pad}# ${scalar}${scalar === 'JSON' ? ' by contract' : ''}: ${reasons.get(name)}.`,
        ),
      );
      return [...comments, line.replaceAll(new RegExp(`${MARK}\\w+`, 'g'), '')];
    })
    .join('\n');

/** True for a field that a type of the service declares as one of `interfaces` does. */
const isOfInterface = ({ schema }: ImportedSchema, interfaces: readonly NamedTypeNode[], field: string): boolean =>
  interfaces.some(({ name }) => {
    const type = schema.getType(name.value);
    return isInterfaceType(type) && Object.hasOwn(type.getFields(), field);
  });

/** True if a field may be null although the service declares more: it then does not cost a row of another module. */
const isOptional = (
  imported: ImportedSchema,
  type: string,
  interfaces: readonly NamedTypeNode[],
  field: string,
): boolean =>
  imported.joined.has(type) &&
  imported.loaders.every((loader) => loader.type !== type || loader.key !== field) &&
  !isOfInterface(imported, interfaces, field);

const nullable = (field: FieldDefinitionNode): FieldDefinitionNode =>
  field.type.kind === Kind.NON_NULL_TYPE ? { ...field, type: field.type.type } : field;

/** The SDL of the module: the selected root fields, and the types that they reach, under the module's names. */
export const schemaSdl = (imported: ImportedSchema, owned: ReadonlySet<string>): string => {
  const { schema, names, fields, fieldName } = imported;
  const reasons = new Map<string, string>();
  const scalars = new Map<string, string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type)) continue;
    const { name, reason } = mappedScalar(type);
    scalars.set(type.name, reason === null ? name : `${name}${MARK}${type.name}`);
    if (reason !== null) reasons.set(type.name, reason);
  }
  const named = (name: string): string => names.get(name) ?? scalars.get(name) ?? name;
  const roots = new Set(
    [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].map((type) => type?.name),
  );
  const isRoot = (field: FieldDefinitionNode): boolean => {
    let { type } = field;
    while (type.kind !== Kind.NAMED_TYPE) type = type.type;
    return roots.has(type.name.value);
  };
  const document = parse(printSchema(schema), { noLocation: true });
  const renamed = (node: DefinitionNode): DefinitionNode =>
    visit(node, {
      enter: (one) => {
        if (one.kind === Kind.NAMED_TYPE) return { ...one, name: { ...one.name, value: named(one.name.value) } };
        return one.kind === Kind.DIRECTIVE && !KEPT.has(one.name.value) ? null : undefined;
      },
    });
  const rootText = (root: 'Query' | 'Mutation'): string[] => {
    const type = root === 'Query' ? schema.getQueryType() : schema.getMutationType();
    const definition = document.definitions.find(
      (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === type?.name,
    );
    const own = fields.filter((field) => field.root === root);
    if (definition?.kind !== Kind.OBJECT_TYPE_DEFINITION || own.length === 0) return [];
    const nodes = own.flatMap(({ name, field }) =>
      (definition.fields ?? [])
        .filter((node) => node.name.value === field.name)
        .map((node) => ({ ...node, name: { ...node.name, value: name } })),
    );
    const { description: _, ...rest } = definition;
    return [print(renamed({ ...rest, interfaces: [], name: { ...definition.name, value: root }, fields: nodes }))];
  };
  const types = document.definitions.flatMap((node): string[] => {
    if (!('name' in node) || node.name === undefined || !names.has(node.name.value)) return [];
    const name = named(node.name.value);
    if (owned.has(name)) return [];
    const renamedField = <Field extends { readonly name: NameNode }>(field: Field): Field => ({
      ...field,
      name: { ...field.name, value: fieldName(node.name?.value ?? '', field.name.value) },
    });
    if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      return [
        print(renamed({ ...node, name: { ...node.name, value: name }, fields: (node.fields ?? []).map(renamedField) })),
      ];
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION)
      return [print(renamed({ ...node, name: { ...node.name, value: name } }))];
    const interfaces = (node.interfaces ?? []).filter((one) => names.has(one.name.value));
    // A way back to the root of the service would be one to the root of the graph.
    const kept = (node.fields ?? []).filter((field) => !isRoot(field));
    const own = kept.map((field) =>
      renamedField(isOptional(imported, node.name.value, interfaces, field.name.value) ? nullable(field) : field),
    );
    return [print(renamed({ ...node, name: { ...node.name, value: name }, interfaces, fields: own }))];
  });
  return `${commented([...rootText('Query'), ...rootText('Mutation'), ...types].join('\n\n'), reasons)}\n`;
};
