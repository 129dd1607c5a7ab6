import type { TakenNames } from '../names/taken-names.ts';
import { GraphRenames } from '../renamed-graph.ts';
import { usedDefinitions } from '../used-definitions.ts';
import type { ImportedService, MessageField, MessagePart, ProtoRootField } from './imported-service.ts';

/**
 * Gives types and fields of a service the names that its author chooses.
 *
 * @throws UsageError for names that do not exist, or would exist twice
 */
export const renamedService = (
  service: ImportedService,
  texts: readonly string[],
  taken: TakenNames,
): ImportedService => {
  if (texts.length === 0) return service;
  const definitions = usedDefinitions(service);
  const made = new Set(
    service.objects.flatMap(({ name, message, fields }) => (message === null && !isOneOf(fields) ? name : [])),
  );
  const marked = definitions.map((definition) =>
    made.has(definition.name) ? { ...definition, isMade: true } : definition,
  );
  const names = new GraphRenames(texts, { ...service, definitions: marked }, taken);
  const partOf = (part: MessagePart): MessagePart => {
    if (part.kind === 'field') return part;
    const members = part.members.map((member) => ({
      ...member,
      type: names.type(member.type),
      object: member.object && names.renames.type(member.object),
    }));
    return { ...part, members };
  };
  const fieldOf = (type: string, field: MessageField): MessageField => ({
    ...names.member(type, field),
    part: partOf(field.part),
  });
  const objects = service.objects.map((object) => ({
    ...object,
    name: names.renames.type(object.name),
    fields: object.fields.map((field) => fieldOf(object.name, field)),
  }));
  const rootOf = (field: ProtoRootField): ProtoRootField => ({
    ...names.root(field),
    args: field.args.map((argument) => ({ ...argument, type: names.type(argument.type), part: partOf(argument.part) })),
    pages: field.pages && {
      ...field.pages,
      connection: names.renames.type(field.pages.connection),
      rows: fieldOf('', field.pages.rows),
    },
    unwrapped: field.unwrapped && fieldOf('', field.unwrapped),
  });
  return {
    ...service,
    definitions: definitions.map((definition) => names.definition(definition)),
    fields: service.fields.map(rootOf),
    loaders: service.loaders.map((loader) => ({
      ...loader,
      type: names.renames.type(loader.type),
      key: names.renames.field(loader.type, loader.key),
      field: loader.field && names.renames.field('Query', loader.field),
    })),
    objects,
    enums: service.enums.map((one) => ({ ...one, name: names.renames.type(one.name) })),
  };
};

/** True for the input of a oneof: its fields are the members. */
const isOneOf = (fields: readonly MessageField[]): boolean => fields.every(({ isRequired }) => !isRequired);
