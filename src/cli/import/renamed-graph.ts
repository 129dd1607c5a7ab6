import type { Definition, GraphField, ImportedField, ImportedGraph, ImportedType } from './imported-graph.ts';
import { type NamedType, type Renames, renamesOf } from './names/renames.ts';
import type { TakenNames } from './names/taken-names.ts';

const namedTypes = ({ definitions, fields, loaders }: ImportedGraph): NamedType[] => [
  ...(['Query', 'Mutation'] as const).map((root) => ({
    name: root,
    fields: fields.flatMap((field) => (field.root === root ? field.name : [])),
    hasOwnFields: true,
    isLoaded: false,
  })),
  ...definitions.map((definition) => {
    const hasFields = definition.kind === 'object' || definition.kind === 'input';
    return {
      name: definition.name,
      fields: hasFields ? definition.fields.map(({ name }) => name) : [],
      hasOwnFields: hasFields && definition.isMade !== true,
      isLoaded:
        definition.kind === 'object' && loaders.some(({ type, key }) => type === definition.name && key !== null),
    };
  }),
];

/** Gives types, fields and root fields of an imported graph other names. */
export class GraphRenames {
  readonly renames: Renames;
  readonly #keys: ReadonlyMap<string, string | null>;

  /** @throws UsageError for names that do not exist, or would exist twice */
  constructor(texts: readonly string[], graph: ImportedGraph, taken: TakenNames) {
    this.renames = renamesOf(texts, namedTypes(graph), taken);
    this.#keys = new Map(graph.loaders.map(({ type, key }) => [type, key]));
  }

  type(type: ImportedType): ImportedType {
    if (type.kind === 'scalar') return type;
    if (type.kind === 'list') return { ...type, item: this.type(type.item) };
    if (type.kind === 'map') return { ...type, name: this.renames.type(type.name), value: this.type(type.value) };
    return { ...type, name: this.renames.type(type.name) };
  }

  /** A field of a type, which has its name before the renames. */
  member<Field extends Pick<ImportedField, 'name' | 'type'>>(type: string, field: Field): Field {
    return { ...field, name: this.renames.field(type, field.name), type: this.type(field.type) };
  }

  definition(definition: Definition): Definition {
    const name = this.renames.type(definition.name);
    if (definition.kind === 'enum') return { ...definition, name };
    if (definition.kind === 'union') {
      const members = definition.members.map((member) => ({ ...member, name: this.renames.type(member.name) }));
      return { ...definition, name, members };
    }
    const isOptional = ({ name: field }: ImportedField): boolean =>
      this.renames.joined.has(definition.name) && field !== this.#keys.get(definition.name);
    const fields = definition.fields.map((field) => ({
      ...this.member(definition.name, field),
      // A failure of this backend must not cost the row of the other module.
      isRequired: field.isRequired && !isOptional(field),
    }));
    return { ...definition, name, fields };
  }

  /** A root field, without what an importer adds to it. */
  root<Field extends GraphField>(field: Field): Field {
    const { body, result, pages } = field;
    return {
      ...field,
      name: this.renames.field(field.root, field.name),
      args: field.args.map((argument) => ({ ...argument, type: this.type(argument.type) })),
      body: body && { ...body, type: this.type(body.type) },
      result: { ...result, type: result.type && this.type(result.type) },
      pages: pages && { ...pages, connection: this.renames.type(pages.connection) },
    };
  }
}
