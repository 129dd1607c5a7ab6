import { Kind } from 'graphql';
import { DEFAULT_CONCURRENCY } from '../../backend/define/each.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import { procedureOf } from '../../backend/grpc/declared-reads.ts';
import { grpcServiceOf } from '../../backend/grpc/grpc-service.ts';
import { batchesOf } from '../check/stub-clients.ts';
import { coordinate } from '../directives/authorization/requirement.ts';
import { requirementsOf } from '../directives/authorization/requirements.ts';
import { typeParts } from '../directives/type-parts.ts';
import { readSdl } from './sdl.ts';

/** Access to a non-null field that can be refused. */
const refusableFields = (modules: readonly SchemaModule[]): readonly string[] => {
  const documents = modules.map((module) => ({ module: module.name, document: readSdl(module).document }));
  const requirements = requirementsOf(documents);
  return typeParts(documents).flatMap(({ module, name, isInterface, fields }) =>
    fields.flatMap((field) => {
      const at = coordinate(name, field.name.value);
      if (isInterface || field.type.kind !== Kind.NON_NULL_TYPE || !requirements.has(at)) return [];
      return `${module}: ${at} is non-null, but access to it can be refused: a refusal then nulls the whole ${name}. Remove its "!".`;
    }),
  );
};

/** Loaders of `each` without a `concurrency`. */
const callsForEachKey = (module: SchemaModule): readonly string[] =>
  Object.entries(batchesOf(module))
    .filter(([, { callsPerKey }]) => callsPerKey?.isExpected === false)
    .map(
      ([loader]) =>
        `${module.name}: the loader ${loader} makes one call for each key: a list of 100 rows costs 100 calls. Use batch() if the backend has a bulk call, else set the concurrency of each(): each(load, { concurrency: ${DEFAULT_CONCURRENCY} }).`,
    );

/** Names of methods that only read, by convention. https://google.aip.dev/130 */
const READ_NAME = /^(?:Get|List|BatchGet|Search)(?![a-z])/;

/** Methods that are named like reads, but declared as such neither by the .proto nor by the option `reads`. */
const undeclaredReads = (module: SchemaModule): readonly string[] =>
  Object.entries(module.upstreams).flatMap(([upstream, definition]) => {
    // An empty list declares that there are none.
    if (definition.protocol !== 'grpc' || definition.reads?.length === 0) return [];
    const { methods, streaming } = grpcServiceOf(module, definition);
    const names = [...methods, ...streaming]
      .filter((method) => !method.idempotent && !method.clientStreams && READ_NAME.test(procedureOf(method)))
      .map(procedureOf);
    if (names.length === 0) return [];
    const example = names.map((name) => `'${name}'`).join(', ');
    return [
      `${module.name}: methods of the upstream ${upstream} have names of reads, but are not declared as reads: they are neither retried nor shared. Set idempotency_level in the .proto, or reads: [${example}] in grpc({ … }); reads: [] if they write.`,
    ];
  });

/** Returns one line for each construct that works but has surprising results. Expects modules without problems. */
export const warningsIn = (modules: readonly SchemaModule[]): readonly string[] => [
  ...refusableFields(modules),
  ...modules.flatMap(callsForEachKey),
  ...modules.flatMap(undeclaredReads),
];
