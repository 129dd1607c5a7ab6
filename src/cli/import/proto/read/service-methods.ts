import { nearestSuggestion } from '../../../../core/suggest.ts';
import type { ProtoSchema } from '../../../../protobuf/read-proto.ts';
import type { MethodType } from '../../../../protobuf/type-model.ts';
import { UsageError } from '../../../command/exit-code.ts';

/** A method with the full name of its service. */
export interface ServiceMethod {
  readonly service: string;
  readonly method: MethodType;
}

/** Methods that are imported without a selection. */
const MAX_METHODS = 60;

/** `library.v1.Library/GetBook` */
export const routeOf = ({ service, method }: ServiceMethod): string => `${service}/${method.name}`;

const shortService = (service: string): string => service.slice(service.lastIndexOf('.') + 1);

/** The methods of the file's own services; of the imported ones if it has none. */
export const methodsOf = (schema: ProtoSchema): ServiceMethod[] =>
  (schema.ownServices.length > 0 ? schema.ownServices : schema.services).flatMap((service) =>
    schema.service(service).methods.map((method) => ({ service, method })),
  );

const matcher = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );

/** `GetBook`, `Library`, `Library/Get*`, or with the package. */
const matches = (pattern: string, one: ServiceMethod): boolean => {
  const test = matcher(pattern);
  const short = shortService(one.service);
  return [one.method.name, short, one.service, `${short}/${one.method.name}`, routeOf(one)].some((name) =>
    test.test(name),
  );
};

const unknownPattern = (option: string, pattern: string, methods: readonly ServiceMethod[]): string => {
  const names = methods.flatMap(({ service, method }) => [method.name, shortService(service)]);
  const nearest = nearestSuggestion(pattern, [...new Set(names)]);
  return `${option} '${pattern}' matches no method.${nearest === null ? ' Use a method, a service, or Service/Method; * is any text.' : ` Did you mean '${nearest}'?`}`;
};

/**
 * Selects methods by `GetBook`, `Library`, `Library/Get*` or their full names.
 *
 * @throws UsageError for a pattern without a match, and for more than 60 methods without a pattern or `all`
 */
export const selectMethods = (
  methods: readonly ServiceMethod[],
  patterns: readonly string[],
  all: boolean,
  option = '--select',
): readonly ServiceMethod[] => {
  if (patterns.length === 0) {
    if (methods.length <= MAX_METHODS || all) return methods;
    const services = Map.groupBy(methods, ({ service }) => service);
    const lines = [...services].map(([service, of]) => `  ${String(of.length).padStart(5)}  ${service}`);
    throw new UsageError(
      [
        `The contract has ${methods.length} methods: select those that the graph needs.`,
        'Methods by service:',
        ...lines,
        `For example: --select '${shortService(methods[0]?.service ?? '')}/Get*'. --list shows what each method becomes, --all imports all of them.`,
      ].join('\n'),
    );
  }
  const unknown = patterns.filter((pattern) => !methods.some((one) => matches(pattern, one)));
  if (unknown.length > 0)
    throw new UsageError(unknown.map((pattern) => unknownPattern(option, pattern, methods)).join('\n'));
  return methods.filter((one) => patterns.some((pattern) => matches(pattern, one)));
};
