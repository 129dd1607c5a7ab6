import type { ProtoSource } from '../../../protobuf/find-proto.ts';
import { methodName } from '../../../protobuf/load-proto.ts';
import { ProtoError, type ProtoProblem } from '../../../protobuf/problems.ts';
import { type ProtoSchema, readProto } from '../../../protobuf/read-proto.ts';
import type { MessageType, ServiceType } from '../../../protobuf/type-model.ts';
import { problemLine, throwProblems } from '../problems.ts';

export interface ProtoMethod {
  /** Name of the client's function: `batchGetStock`. */
  readonly name: string;
  readonly doc: string | null;
  /** Type of the request, or of each message of its stream. */
  readonly request: MessageType;
  /** Type of the answer, or of each message of the stream. */
  readonly response: MessageType;
  readonly streams: boolean;
  /** True if the client sends a stream of requests. */
  readonly clientStreams: boolean;
}

export interface ProtoService {
  /** With its package: `inventory.v1.Inventory`. */
  readonly name: string;
  readonly doc: string | null;
  readonly methods: readonly ProtoMethod[];
}

/** A .proto file with the services to read. */
export interface ServiceSource extends ProtoSource {
  readonly services: readonly string[] | 'all';
}

export interface ReadProtos {
  /** Absolute paths of the .proto files, each once, in the order of the sources. */
  readonly files: readonly string[];
  /** Each once, in the order of the sources. */
  readonly services: readonly ProtoService[];
}

/** A service as the generated file declares it. */
export const protoServiceOf = ({ name, doc, methods }: ServiceType): ProtoService => ({
  name,
  doc,
  methods: methods.map((method) => ({
    name: methodName(method),
    doc: method.doc,
    request: method.request,
    response: method.response,
    streams: method.serverStreams,
    clientStreams: method.clientStreams,
  })),
});

const described = ({ file, location, problem, fix }: ProtoProblem): string => problemLine(file, location, problem, fix);

/**
 * Reads the services of .proto files, with the same code as the running gateway.
 *
 * @throws ConfigurationError with all problems and their positions.
 */
export const readProtos = (sources: readonly ServiceSource[]): ReadProtos => {
  const problems: string[] = [];
  const files = new Set<string>();
  const services = new Map<string, ProtoService>();
  const reading = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      problems.push(...error.problems.map(described));
      return null;
    }
  };
  const addAll = (schema: ProtoSchema, names: readonly string[]): void => {
    files.add(schema.file);
    for (const name of names) {
      const service = reading(() => schema.service(name));
      if (service !== null && !services.has(name)) services.set(name, protoServiceOf(service));
    }
  };
  for (const source of sources) {
    const schema = reading(() => readProto(source));
    if (schema !== null) addAll(schema, source.services === 'all' ? schema.services : source.services);
  }
  // Several files may import the file with the problem.
  throwProblems('The .proto files are not valid:', [...new Set(problems)]);
  return { files: [...files], services: [...services.values()] };
};
