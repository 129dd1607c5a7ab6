import protobuf from 'protobufjs';
import { refuse } from './mistakes.ts';
import { loadProto } from './proto-files.ts';
import { referenceMistake } from './proto-mistakes.ts';

export interface ProtoMethod {
  /** As clients call it: `batchGetStock`. */
  readonly name: string;
  readonly doc: string | null;
  readonly request: protobuf.Type;
  /** Of a method that streams: each of its messages. */
  readonly response: protobuf.Type;
  readonly streams: boolean;
}

export interface ProtoService {
  /** With its package: `inventory.v1.Inventory`. */
  readonly name: string;
  readonly doc: string | null;
  /** Those that take one message: a client cannot stream. */
  readonly methods: readonly ProtoMethod[];
}

/** Everything in a namespace, at any depth. */
const within = (namespace: protobuf.NamespaceBase): protobuf.ReflectionObject[] =>
  namespace.nestedArray.flatMap((object) => [object, ...(object instanceof protobuf.Namespace ? within(object) : [])]);

const referenceMistakes = (root: protobuf.Root): string[] =>
  within(root).flatMap((object) => {
    if (object instanceof protobuf.Type) return object.fieldsArray.flatMap(referenceMistake);
    return object instanceof protobuf.Service ? object.methodsArray.flatMap(referenceMistake) : [];
  });

const methodsOf = (service: protobuf.Service): ProtoMethod[] =>
  service.methodsArray.flatMap((method) => {
    const { name, comment, requestStream, responseStream, resolvedRequestType, resolvedResponseType } = method;
    if (requestStream || !resolvedRequestType || !resolvedResponseType) return [];
    const called = protobuf.util.lcFirst(name);
    const types = { request: resolvedRequestType, response: resolvedResponseType };
    return { name: called, doc: comment, ...types, streams: responseStream === true };
  });

/**
 * The services of a module's .proto files, each once, in the order of the files.
 *
 * @throws MistakesError with everything that is wrong in them, each with its place.
 */
export const readProtos = (files: readonly string[], moduleFolder: string): ProtoService[] => {
  const mistakes: string[] = [];
  const services = new Map<string, ProtoService>();
  for (const file of files) {
    const { root, mistakes: unread } = loadProto(file, moduleFolder);
    // Behind a file that cannot be read, any name may be missing.
    const found = unread.length > 0 ? unread : referenceMistakes(root);
    mistakes.push(...found);
    if (found.length > 0) continue;
    root.resolveAll();
    for (const object of within(root)) {
      const name = object.fullName.slice(1);
      if (object instanceof protobuf.Service && !services.has(name))
        services.set(name, { name, doc: object.comment, methods: methodsOf(object) });
    }
  }
  // Several files may import the one that has the mistake.
  refuse('The .proto files are not valid:', [...new Set(mistakes)]);
  return [...services.values()];
};
