import type { IncomingMessage } from 'node:http';
import { networkTest } from '../../config/ip-address.ts';
import type { RequestRule, TextCondition } from '../../config/network/request-rules.ts';
import type { RuledOperation } from '../../request/request-rules.ts';
import { CLIENT_NAME_HEADER } from '../../telemetry/names.ts';
import { isWithinPath, type RequestPlace } from './access-test.ts';

/** The parts of a request that rules read. */
export interface RuledRequest {
  readonly request: Pick<IncomingMessage, 'method' | 'rawHeaders'>;
  readonly address: string;
  readonly place: RequestPlace;
}

/** A rule that reads the operation, of a request that meets its other conditions. */
export interface OperationRule {
  readonly rule: RequestRule;
  /** True if the operation meets the rest of them. */
  readonly fits: (operation: RuledOperation) => boolean;
}

/** Rules and a request without its operation, in order, up to the first rule that allows or denies it. */
export interface FoundRules {
  /** The rules that it meets. Those that measure or tag decide nothing. */
  readonly met: readonly RequestRule[];
  /** The rules that it may meet with its operation. */
  readonly open: readonly OperationRule[];
}

/** Compares a request with all rules, before its operation is known. */
export type MetRules = (request: RuledRequest) => FoundRules;

type Test = (request: RuledRequest) => boolean;

/** True for a rule after which no other one is applied. */
export const decides = ({ action }: RequestRule): boolean => action === 'allow' || action === 'deny';

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

const valueTest = (condition: Exclude<TextCondition, { readonly present: boolean }>): ((value: string) => boolean) => {
  if ('matches' in condition) return condition.matches.test;
  const equal = new Set(condition.equals);
  return (value) => equal.has(value);
};

/**
 * Creates the test of a header. With several values of a repeated header one is enough to be denied, and all are required
 * to be allowed.
 */
const headerTest = (name: string, condition: TextCondition, isAllowing: boolean): Test => {
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

/** Creates the test of the name of an operation. One without a name is not present, and equals and matches nothing. */
const nameTest = (condition: TextCondition): OperationRule['fits'] => {
  if ('present' in condition) return ({ name }) => (name !== null) === condition.present;
  const fits = valueTest(condition);
  return ({ name }) => name !== null && fits(name);
};

/** Creates the test of an operation; null for a rule that reads none. */
const operationTest = ({ when: { operation, kind, document } }: RequestRule): OperationRule['fits'] | null => {
  const hashes = document && new Set(document);
  const tests = [
    ...(operation ? [nameTest(operation)] : []),
    ...(kind ? [(one: RuledOperation) => kind.includes(one.kind)] : []),
    ...(hashes ? [({ hash }: RuledOperation) => hash !== null && hashes.has(hash)] : []),
  ];
  return tests.length === 0 ? null : (one) => tests.every((test) => test(one));
};

/** Compiles rules. Paths are those of routes, as in `ACCESS_RULES`, so that no spelling of a URL evades a rule. */
export const metRules = (rules: readonly RequestRule[]): MetRules => {
  const compiled = rules.map((rule) => ({ rule, tests: testsOf(rule), fits: operationTest(rule) }));
  return (request) => {
    const met: RequestRule[] = [];
    const open: OperationRule[] = [];
    for (const { rule, tests, fits } of compiled) {
      if (!tests.every((test) => test(request))) continue;
      if (fits !== null) {
        open.push({ rule, fits });
        continue;
      }
      met.push(rule);
      if (decides(rule)) break;
    }
    return { met, open };
  };
};
