import type { FieldType, MessageType } from '../../../../protobuf/type-model.ts';
import { createNames } from '../../../codegen/names.ts';
import { protoServiceOf } from '../../../codegen/proto/proto.ts';
import { createProtoTypes } from '../../../codegen/proto/proto-types.ts';
import { propertyName } from '../../write/property-name.ts';
import type { ImportedService, MessageObject } from '../imported-service.ts';

/** TypeScript types of messages, as codegen names them, and the names that a file must import. */
export interface MessageNames {
  /** Type of a value in a response. */
  read(type: FieldType['type']): string;
  /** Type of a message in a request. */
  written(type: MessageType): string;
  /** Type of the rows of an object. */
  row(object: MessageObject): string;
  /** The name of a declaration of schema.generated.ts, which the file then imports. */
  declared(name: string): string;
  /** Names to import. */
  readonly used: ReadonlySet<string>;
}

/** Creates the names of the messages of a module. */
export const messageNames = ({ services }: Pick<ImportedService, 'services'>): MessageNames => {
  const types = createProtoTypes(services.map(protoServiceOf), createNames());
  const used = new Set<string>();
  const imported = (text: string): string => {
    for (const [name] of text.matchAll(/\b\w+(Message|MessageInit|Enum)_*\b/g)) used.add(name);
    return text;
  };
  const names: MessageNames = {
    used,
    read: (type) => imported(types.read(type)),
    written: (type) => imported(types.written(type)),
    declared: (name) => {
      used.add(name);
      return name;
    },
    row: ({ message, fields }) => {
      if (message !== null) return names.read(message);
      const members = fields.map(({ name, part }) =>
        part.kind === 'field' ? `readonly ${propertyName(name)}: ${names.read(part.field.type)}` : '',
      );
      return `{ ${members.join('; ')} }`;
    },
  };
  return names;
};
