import { methodName } from '../../../../protobuf/load-proto.ts';
import type { MethodType } from '../../../../protobuf/type-model.ts';
import { connectionOf } from '../../connection-types.ts';
import { fieldName, type NamePool, namePool } from '../../names/names.ts';
import type { TakenNames } from '../../names/taken-names.ts';
import type {
  ImportedService,
  MessageField,
  ProtoArgument,
  ProtoRootField,
  ProtoUpstream,
} from '../imported-service.ts';
import { MessageTypes } from './message-types.ts';
import { isKeyType, maskField, methodFieldNames, protoPages, unwrappedField } from './method-fields.ts';
import { isReadMethod, readPatterns } from './method-reads.ts';
import { serviceLoaders } from './service-loaders.ts';
import { routeOf, type ServiceMethod } from './service-methods.ts';

/** How methods become fields. */
export interface ServiceReading extends Pick<ImportedService, 'name' | 'title' | 'proto' | 'root' | 'services'> {
  readonly methods: readonly ServiceMethod[];
  /** All methods of the services of `methods`. */
  readonly all: readonly ServiceMethod[];
  /** Methods that only read, in addition to those with the name of a read. */
  readonly reads: ReadonlySet<ServiceMethod>;
  readonly taken: TakenNames;
}

/** Name of the upstream of a service: `library.v1.LibraryService` is `library`. */
const upstreamName = (service: string): string => {
  const short = service.slice(service.lastIndexOf('.') + 1);
  return fieldName(short.replace(/(Service|API|Api)$/, '') || short);
};

const streamReason = ({ clientStreams, serverStreams }: MethodType): string | null => {
  if (clientStreams) return 'it streams requests: write a resolver that passes an AsyncIterable of messages';
  return serverStreams ? 'it streams responses: write a resolver with for await, and a limit' : null;
};

/** The key of a method that reads or deletes one row is required, whatever the contract declares. */
const isKeyRequired = (method: MethodType, fields: readonly MessageField[], field: MessageField): boolean =>
  /^(Get|Delete)($|[A-Z_])/.test(method.name) &&
  field ===
    (fields.find((one) => isKeyType(one) && /^(id|name)$|I[dD]$/.test(one.property)) ??
      (fields.length === 1 && isKeyType(field) ? field : undefined));

class ServiceReader {
  readonly types: MessageTypes;
  readonly #names: NamePool;
  readonly #module: string;

  constructor({ name, taken }: ServiceReading) {
    this.types = new MessageTypes(taken.types);
    this.#names = namePool(taken.fields);
    this.#module = name;
  }

  field(one: ServiceMethod, upstream: string, isRead: boolean): ProtoRootField {
    const { method } = one;
    const { types } = this;
    const request = types.fieldsOf(method.request, 'input', `${method.name}Input`);
    const isEmpty = method.response.fields.length === 0;
    const whole = isEmpty ? null : types.objectOf(method.response, 'output');
    const response = types.objects.find((object) => object.name === whole)?.fields ?? [];
    const found = isRead ? protoPages(request, response) : null;
    const rows = found?.rows.type.kind === 'list' ? found.rows.type.item : null;
    const pages = found === null || rows === null ? null : { ...found, connection: connectionOf(types, rows) };
    const unwrapped = pages === null ? unwrappedField(method.response, response) : null;
    const isRow = unwrapped === null || (unwrapped.type.kind === 'list' && unwrapped.type.item.kind === 'object');
    const mask = isRead && isRow && whole !== null ? maskField(request) : null;
    const given = request.filter(
      (field) => field !== mask && field.property !== pages?.size && field.property !== pages?.token,
    );
    const pool = namePool(pages === null ? [] : ['first', 'after']);
    const args = given.map(
      (field): ProtoArgument => ({
        name: pool.take(field.name),
        type: field.type,
        isRequired: field.isRequired || isKeyRequired(method, given, field),
        defaultValue: null,
        description: field.description,
        part: field.part,
      }),
    );
    const type = unwrapped?.type ?? (whole === null ? null : ({ kind: 'object', name: whole } as const));
    return {
      root: isRead ? 'Query' : 'Mutation',
      name: this.#names.take(...methodFieldNames(method.name, isRead, upstream, this.#module)),
      description: method.doc,
      deprecated: method.isDeprecated,
      args,
      body: null,
      result: { type },
      pages,
      upstream,
      route: routeOf(one),
      call: methodName(method),
      request: method.request,
      response: method.response,
      unwrapped,
      mask: mask?.property ?? null,
      isRead,
      notes:
        method.response.name === 'google.longrunning.Operation'
          ? ['A long-running operation: `poll` of the context waits until it is done.']
          : [],
    };
  }
}

/** Converts the selected methods, with all types that they use, to a module. */
export const readService = (reading: ServiceReading): ImportedService => {
  const { methods, all, reads, name, title, proto, root, services } = reading;
  const reader = new ServiceReader(reading);
  const pool = namePool();
  const isRead = (one: ServiceMethod): boolean => reads.has(one) || isReadMethod(one.method);
  const skipped: { operation: string; reason: string }[] = [];
  const fields: ProtoRootField[] = [];
  const upstreams: ProtoUpstream[] = [];
  for (const [service, selected] of Map.groupBy(methods, (one) => one.service)) {
    const own = all.filter((one) => one.service === service);
    const upstream = pool.take(upstreamName(service));
    const before = fields.length;
    for (const one of selected) {
      const reason = streamReason(one.method);
      if (reason === null) fields.push(reader.field(one, upstream, isRead(one)));
      else skipped.push({ operation: routeOf(one), reason });
    }
    if (fields.length === before) continue;
    const readMethods = new Set(own.filter(isRead).map(({ method }) => method));
    upstreams.push({
      name: upstream,
      service,
      reads: readPatterns(
        own.map(({ method }) => method),
        readMethods,
      ),
    });
  }
  const { definitions, objects, enums } = reader.types;
  return {
    name,
    title,
    proto,
    root,
    services: upstreams.flatMap(({ service }) => services.filter((one) => one.name === service)),
    upstreams,
    definitions,
    avoided: reader.types.names.avoided,
    fields,
    loaders: serviceLoaders(fields, objects),
    objects,
    enums,
    skipped,
  };
};
