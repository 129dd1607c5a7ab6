import type { ProtoSource } from '../../../src/protobuf/find-proto.ts';
import { readProto } from '../../../src/protobuf/read-proto.ts';
import type { FieldType, MessageType } from '../../../src/protobuf/type-model.ts';

/** A message as a value without its file and comments; types within it by name. */
const plainMessage = (message: MessageType): object => ({
  ...message,
  file: '',
  doc: null,
  fields: message.fields.map((field) => ({ ...field, doc: null, type: nameOf(field.type) })),
});

const nameOf = (type: FieldType['type']): unknown => {
  if (typeof type === 'string') return type;
  return type.kind === 'message' ? type.name : { ...type, file: '', doc: null };
};

/** Messages that a method reaches. */
const reached = (start: readonly MessageType[]): Map<string, object> => {
  const found = new Map<string, object>();
  const visit = (message: MessageType): void => {
    if (found.has(message.name)) return;
    found.set(message.name, plainMessage(message));
    for (const { type } of message.fields) if (typeof type === 'object' && type.kind === 'message') visit(type);
  };
  start.forEach(visit);
  return found;
};

/** All services and messages of a .proto file, without comments and paths. */
export const declarationsOf = (source: ProtoSource): unknown => {
  const schema = readProto(source);
  return schema.services.map((name) => {
    const service = schema.service(name);
    const messages = reached(service.methods.flatMap(({ request, response }) => [request, response]));
    return {
      name,
      methods: service.methods.map((method) => ({
        ...method,
        doc: null,
        request: method.request.name,
        response: method.response.name,
      })),
      messages: Object.fromEntries(messages),
    };
  });
};
