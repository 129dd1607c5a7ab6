import type { GrpcMethod } from '../../protobuf/load-proto.ts';

/** Returns the name of a method as written in the .proto: `BatchGetStock`. */
export const procedureOf = ({ route }: Pick<GrpcMethod, 'route'>): string => route.slice(route.lastIndexOf('/') + 1);

/** Returns the expression for a pattern of the option `reads`: a method name in which each `*` is any text. */
export const readPattern = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll(/[^\w*]/g, String.raw`\$&`).replaceAll('*', '.*')}$`);

/** Returns the methods of a service, those that match one of the patterns as reads. */
export const withReads = (methods: readonly GrpcMethod[], reads: readonly string[] = []): readonly GrpcMethod[] => {
  const patterns = reads.map(readPattern);
  return methods.map((method) =>
    patterns.some((pattern) => pattern.test(procedureOf(method)))
      ? { ...method, idempotent: true, safe: true }
      : method,
  );
};
