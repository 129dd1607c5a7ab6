import { dirname, resolve } from 'node:path';
import { NEVER_FORWARDED } from '../../backend/bound-request.ts';
import type { GrpcUpstream, UpstreamDefinition } from '../../backend/upstreams.ts';
import { loadProto } from '../../upstream/grpc/proto.ts';
import type { Mistake } from './mistake.ts';
import { inIndex, type Reading } from './reading.ts';

const UPSTREAM_NAME = /^[a-z][A-Za-z0-9]*$/;

const wrongName = (reading: Reading, upstream: string): readonly Mistake[] =>
  UPSTREAM_NAME.test(upstream)
    ? []
    : [inIndex(reading, `an upstream cannot be called "${upstream}"`, 'use letters and digits, as in priceList')];

/** "file: what is wrong. What to do." as `loadProto` tells it, in two parts and without the path of the folder. */
const told = (error: unknown, folder: string): readonly [wrong: string, remedy: string] => {
  const message = (error instanceof Error ? error.message : String(error)).replaceAll(`${folder}/`, '');
  const end = message.lastIndexOf('. ');
  if (end < 0) return [message, 'correct the file'];
  const remedy = message.slice(end + 2).replace(/\.$/, '');
  return [message.slice(0, end), remedy.slice(0, 1).toLowerCase() + remedy.slice(1)];
};

const wrongProto = (reading: Reading, upstream: string, { proto, service }: GrpcUpstream): readonly Mistake[] => {
  const folder = dirname(reading.module.typeDefs.file);
  try {
    loadProto(resolve(folder, proto)).service(service);
    return [];
  } catch (error) {
    const [wrong, remedy] = told(error, folder);
    return [inIndex(reading, `upstream ${upstream}: ${wrong}`, remedy)];
  }
};

/** Why a header of the caller's may not be forwarded by name, and what to write instead; null where it may. */
const whyNotForwarded = (header: string): readonly [why: string, remedy: string] | null => {
  const name = header.toLowerCase();
  if (name === 'authorization') return ['is the identity of the caller', "write identity: 'token' instead"];
  if (name === 'cookie') return ['is never forwarded', 'take it away'];
  return NEVER_FORWARDED.has(name) ? ['belongs to one connection', 'take it away'] : null;
};

const wrongForward = (reading: Reading, upstream: string, { forward }: UpstreamDefinition): readonly Mistake[] =>
  (forward?.headers ?? []).flatMap((header) => {
    const why = whyNotForwarded(header);
    return why === null ? [] : inIndex(reading, `upstream ${upstream} forwards ${header}, which ${why[0]}`, why[1]);
  });

const wrongLimits = (reading: Reading, upstream: string, definition: UpstreamDefinition): readonly Mistake[] => {
  const { timeoutMs, maxResponseBytes } = definition;
  const maxUrlLength = definition.protocol === 'rest' ? definition.maxUrlLength : undefined;
  return Object.entries({ timeoutMs, maxResponseBytes, maxUrlLength }).flatMap(([option, value]) =>
    value === undefined || value > 0
      ? []
      : inIndex(reading, `${option} of upstream ${upstream} is ${value}`, 'give a number above 0, or none'),
  );
};

/** Upstreams that could not be called as they are declared. */
export const wrongUpstreams = (reading: Reading): readonly Mistake[] =>
  Object.entries(reading.module.upstreams).flatMap(([upstream, definition]) => [
    ...wrongName(reading, upstream),
    ...(definition.protocol === 'grpc' ? wrongProto(reading, upstream, definition) : []),
    ...wrongForward(reading, upstream, definition),
    ...wrongLimits(reading, upstream, definition),
  ]);
