import { dirname } from 'node:path';
import type { TrafficHeaders } from '../../../backend/bind/own-headers.ts';
import type { GrpcUpstream, UpstreamDefinition } from '../../../backend/define/upstream-options.ts';
import { CERTIFICATE_HEADERS } from '../../../backend/forward/certificate-headers.ts';
import { CLIENT_HEADERS } from '../../../backend/forward/client-headers.ts';
import { grpcServiceOf } from '../../../backend/grpc/grpc-service.ts';
import { locatedIn, ProtoError } from '../../../protobuf/problems.ts';
import { NEVER_FORWARDED } from '../../../request/headers.ts';
import { SCHEMES } from '../../../upstream/endpoints/endpoint.ts';
import { trafficSettings } from '../../../upstream/options.ts';
import { inIndex, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import { wrongServiceSdl } from '../services/service-sdl.ts';
import { wrongReads } from './declared-reads.ts';
import { wrongOptions } from './option-errors.ts';
import { wrongCredentials } from './wrong-credentials.ts';

const UPSTREAM_NAME = /^[a-z][A-Za-z0-9]*$/;

const wrongName = (reading: ParsedModule, upstream: string): readonly ModuleProblem[] =>
  UPSTREAM_NAME.test(upstream)
    ? []
    : [inIndex(reading, `invalid upstream name "${upstream}"`, 'use letters and digits, as in priceList')];

/** A sentence as the end of another: without capital and full stop. */
const asEnding = (fix: string): string => {
  const bare = fix.replace(/\.$/, '');
  return bare.slice(0, 1).toLowerCase() + bare.slice(1);
};

/** The texts of a list. Other values are reported as a wrong option. */
const namesIn = (value: unknown): readonly string[] => {
  const all: readonly unknown[] = Array.isArray(value) ? value : [];
  return all.filter((name) => typeof name === 'string');
};

const isSame = (names: readonly string[], value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.length === names.length);

const wrongProto = (reading: ParsedModule, upstream: string, definition: GrpcUpstream): readonly ModuleProblem[] => {
  const { proto, service } = definition;
  const [protoPaths, reads] = [namesIn(definition.protoPaths), namesIn(definition.reads)];
  // A value that is no text is reported as a wrong option.
  if (typeof proto !== 'string' || typeof service !== 'string') return [];
  const folder = dirname(reading.module.typeDefs.file);
  try {
    // The definition itself if it is valid: the service of a definition is read once.
    const isValid = isSame(protoPaths, definition.protoPaths) && isSame(reads, definition.reads);
    const found = grpcServiceOf(reading.module, isValid ? definition : { ...definition, protoPaths, reads });
    return wrongReads(upstream, found, reads).map(([problem, fix]) => inIndex(reading, problem, fix));
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    return error.problems.map((problem) => {
      const text = `upstream ${upstream}: ${locatedIn(folder, problem)}: ${problem.problem}`;
      return inIndex(reading, text, asEnding(problem.fix));
    });
  }
};

/** Returns why a caller's header cannot be forwarded by name, with the fix; null if it can. */
const whyNotForwarded = (
  header: string,
  { deadlineHeader, attemptHeader }: TrafficHeaders,
): readonly [why: string, fix: string] | null => {
  const name = header.toLowerCase();
  if (name === 'authorization') return ['is the identity of the caller', "set identity: 'token' instead"];
  if (name === 'cookie') return ['is never forwarded', 'remove it'];
  if (name === 'idempotency-key')
    return ['is a key of one caller', 'take the key as an argument, and set idempotencyKey in the call'];
  if (name === deadlineHeader) return ['is the deadline header of the upstream', 'remove it, or change deadlineHeader'];
  if (name === attemptHeader) return ['is the attempt header of the upstream', 'remove it, or change attemptHeader'];
  if (Object.hasOwn(CLIENT_HEADERS, name)) return ['the gateway makes itself', `set client: ['${name}'] instead`];
  if (Object.hasOwn(CERTIFICATE_HEADERS, name))
    return ['the gateway makes itself', `set certificate: ['${name}'] instead`];
  return NEVER_FORWARDED.has(name) ? ['belongs to one connection', 'remove it'] : null;
};

const nameIn = (value: unknown): string | null => (typeof value === 'string' ? value.toLowerCase() : null);

/** Headers of deadline and attempt. gRPC upstreams have none. Invalid values are reported as a wrong option. */
const trafficHeadersOf = (definition: UpstreamDefinition): TrafficHeaders => {
  if (definition.protocol === 'grpc') return { deadlineHeader: null, attemptHeader: null };
  const usual = trafficSettings();
  const {
    deadlineHeader = usual.deadlineHeader,
    attemptHeader = usual.attemptHeader,
  }: { readonly deadlineHeader?: unknown; readonly attemptHeader?: unknown } = definition;
  return { deadlineHeader: nameIn(deadlineHeader), attemptHeader: nameIn(attemptHeader) };
};

const wrongForward = (
  reading: ParsedModule,
  upstream: string,
  definition: UpstreamDefinition,
): readonly ModuleProblem[] =>
  namesIn(definition.forward?.headers).flatMap((header) => {
    const why = whyNotForwarded(header, trafficHeadersOf(definition));
    return why === null ? [] : inIndex(reading, `upstream ${upstream} forwards ${header}, which ${why[0]}`, why[1]);
  });

const wrongUpstream = (
  reading: ParsedModule,
  upstream: string,
  definition: UpstreamDefinition,
): readonly ModuleProblem[] => {
  if (!Object.hasOwn(SCHEMES, definition.protocol))
    return [
      inIndex(
        reading,
        `upstream ${upstream} is neither REST, gRPC nor GraphQL`,
        'create it with rest({ … }), grpc({ … }) or graphql({ … })',
      ),
    ];
  return [
    ...wrongName(reading, upstream),
    ...(definition.protocol === 'grpc' ? wrongProto(reading, upstream, definition) : []),
    ...(definition.protocol === 'graphql' ? wrongServiceSdl(reading, upstream, definition) : []),
    ...wrongForward(reading, upstream, definition),
    ...wrongCredentials(upstream, definition, trafficHeadersOf(definition)).map(([problem, fix]) =>
      inIndex(reading, problem, fix),
    ),
    ...wrongOptions(reading, upstream, definition),
  ];
};

/** Reports upstreams that cannot be called as declared. */
export const wrongUpstreams = (reading: ParsedModule): readonly ModuleProblem[] =>
  Object.entries(reading.module.upstreams).flatMap(([upstream, definition]) =>
    wrongUpstream(reading, upstream, definition),
  );
