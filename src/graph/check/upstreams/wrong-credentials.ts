import { grpcMetadataRules, restHeaderRules, type TrafficHeaders } from '../../../backend/bind/own-headers.ts';
import { AUTH, headersOption } from '../../../backend/credentials/auth-options.ts';
import { authHeaderOf } from '../../../backend/credentials/own-credentials.ts';
import type { UpstreamDefinition } from '../../../backend/define/upstream-options.ts';
import { CERTIFICATE_HEADER_NAMES } from '../../../backend/forward/certificate-headers.ts';
import { CLIENT_HEADER_NAMES } from '../../../backend/forward/client-headers.ts';

/** A problem and its fix. */
type Problem = readonly [problem: string, fix: string];

/** Headers that other parts of the gateway set, each with the fix. */
const OF_THE_GATEWAY: Readonly<Record<string, string>> = {
  'accept-encoding': 'use the option compression',
  'content-type': 'remove it: it is that of each body',
  'grpc-timeout': 'remove it',
  ...Object.fromEntries(CLIENT_HEADER_NAMES.map((name) => [name, `use forward: { client: ['${name}'] }`])),
  ...Object.fromEntries(CERTIFICATE_HEADER_NAMES.map((name) => [name, `use forward: { certificate: ['${name}'] }`])),
  'x-forwarded-for': 'use forward: { client: true }',
  'x-request-id': 'remove it: it is that of each request',
};

const ruleOf = (definition: UpstreamDefinition, traffic: TrafficHeaders) =>
  definition.protocol === 'grpc' ? grpcMetadataRules() : restHeaderRules(traffic).json;

/** The fault of one name, with the fix; null for none. `value` is undefined for a secret. */
const wrongHeader = (
  definition: UpstreamDefinition,
  traffic: TrafficHeaders,
  name: string,
  value: string | undefined,
): Problem | null => {
  const rules = ruleOf(definition, traffic);
  if (!rules.name.test(name)) return ['is not a valid name', 'correct it'];
  const owned = OF_THE_GATEWAY[name];
  if (owned !== undefined) return ['is set by the gateway', owned];
  const [why, fix] = rules.refusal(name, value ?? '')?.split(': ', 2) ?? [];
  if (why !== undefined) return [why, fix ?? 'remove it'];
  return value === undefined || rules.sendable.test(value)
    ? null
    : ['has a value with characters that are not allowed, or with a space at an end', 'correct it'];
};

/** The option of the upstream that passes this header of the caller on; null for none. */
const forwardOf = ({ forward }: UpstreamDefinition, name: string): string | null => {
  if (name === 'authorization' && forward?.identity === 'token') return 'forward.identity';
  const names: unknown = forward?.headers;
  return Array.isArray(names) && names.some((one) => typeof one === 'string' && one.toLowerCase() === name)
    ? 'forward.headers'
    : null;
};

/** Reports headers and credentials of an upstream that cannot be sent, or contradict another option. */
export const wrongCredentials = (
  upstream: string,
  definition: UpstreamDefinition,
  traffic: TrafficHeaders,
): readonly Problem[] => {
  const { headers, auth } = definition;
  // Invalid values are reported as a wrong option.
  if (!headersOption.optional().safeParse(headers).success || !AUTH.optional().safeParse(auth).success) return [];
  const own = Object.entries(headers ?? {}).map(([name, value]) => ['headers', name.toLowerCase(), value] as const);
  const ofAuth = authHeaderOf({ auth });
  const all = ofAuth === null ? own : [...own, ['auth', ofAuth, undefined] as const];
  const twice = new Set(all.map(([, name]) => name).filter((name, at, names) => names.indexOf(name) !== at));
  const problems: Problem[] = [...twice].map((name) => [
    `upstream ${upstream} sets the header ${name} twice`,
    'keep it in one of headers and auth, in one spelling',
  ]);
  for (const [place, name, value] of all) {
    const wrong = wrongHeader(definition, traffic, name, typeof value === 'string' ? value : undefined);
    if (wrong !== null) problems.push([`${place} of upstream ${upstream} sets ${name}, which ${wrong[0]}`, wrong[1]]);
    const forward = forwardOf(definition, name);
    if (forward !== null)
      problems.push([
        `upstream ${upstream} sends ${name} of the gateway (${place}) and of the caller (${forward})`,
        'remove one of them',
      ]);
  }
  if (definition.protocol === 'grpc' && auth?.apiKey?.query !== undefined)
    problems.push([`auth.apiKey.query of upstream ${upstream} is for REST`, 'use header']);
  const user = auth?.basic?.user;
  if (typeof user === 'string' && user.includes(':'))
    problems.push([`auth.basic.user of upstream ${upstream} has a colon, which a user cannot have`, 'correct it']);
  return problems;
};
