import type { IncomingMessage } from 'node:http';
import { networkTest } from '../../config/ip-address.ts';
import type { HeaderCondition, RequestRule } from '../../config/network/request-rules.ts';
import { CLIENT_NAME_HEADER } from '../../telemetry/names.ts';
import { isWithinPath, type RequestPlace } from './access-test.ts';

/** The parts of a request that rules read. */
export interface RuledRequest {
  readonly request: Pick<IncomingMessage, 'method' | 'rawHeaders'>;
  readonly address: string;
  readonly place: RequestPlace;
}

/**
 * Returns the rules that a request meets, in order, up to the first that allows or denies it. Rules that measure or tag
 * decide nothing.
 */
export type MetRules = (request: RuledRequest) => readonly RequestRule[];

type Test = (request: RuledRequest) => boolean;

/** The name of the header that a field of HTTP/2 stands for. */
const headerOf = (field: string): string => (field === ':authority' ? 'host' : field.toLowerCase());

/**
 * All values of a header, also those that Node drops or joins: a repeated header must not hide a value. The cookies of a
 * request of HTTP/2 may come one by one (RFC 9113, 8.2.3), and are one value.
 */
const valuesOf = ({ rawHeaders }: RuledRequest['request'], name: string): readonly string[] => {
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (headerOf(rawHeaders[at] ?? '') === name) values.push(rawHeaders[at + 1] ?? '');
  }
  return name === 'cookie' && values.length > 1 ? [values.join('; ')] : values;
};

const valueTest = (
  condition: Exclude<HeaderCondition, { readonly present: boolean }>,
): ((value: string) => boolean) => {
  if ('matches' in condition) return condition.matches.test;
  const equal = new Set(condition.equals);
  return (value) => equal.has(value);
};

/**
 * Creates the test of a header. With several values of a repeated header one is enough to be denied, and all are required
 * to be allowed.
 */
const headerTest = (name: string, condition: HeaderCondition, isAllowing: boolean): Test => {
  if ('present' in condition) return ({ request }) => valuesOf(request, name).length > 0 === condition.present;
  const fits = valueTest(condition);
  return ({ request }) => {
    const values = valuesOf(request, name);
    return isAllowing ? values.length > 0 && values.every(fits) : values.some(fits);
  };
};

const testsOf = ({ when: { path, method, header = {}, client, address }, action }: RequestRule): readonly Test[] => {
  const isAllowing = action === 'allow';
  const isWithin = address && networkTest(address);
  return [
    ...(method ? [({ request }: RuledRequest) => method.includes(request.method ?? '')] : []),
    ...(path ? [({ place }: RuledRequest) => path.some((one) => isWithinPath(place, one))] : []),
    ...(isWithin ? [(request: RuledRequest) => isWithin(request.address)] : []),
    ...(client ? [headerTest(CLIENT_NAME_HEADER, { equals: client }, isAllowing)] : []),
    ...Object.entries(header).map(([name, condition]) => headerTest(name, condition, isAllowing)),
  ];
};

/** Compiles rules. Paths are those of routes, as in `ACCESS_RULES`, so that no spelling of a URL evades a rule. */
export const metRules = (rules: readonly RequestRule[]): MetRules => {
  const compiled = rules.map((rule) => ({ rule, tests: testsOf(rule) }));
  return (request) => {
    const met: RequestRule[] = [];
    for (const { rule, tests } of compiled) {
      if (!tests.every((test) => test(request))) continue;
      met.push(rule);
      if (rule.action === 'allow' || rule.action === 'deny') break;
    }
    return met;
  };
};
