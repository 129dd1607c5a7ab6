import { dirname, resolve } from 'node:path';
import { NEVER_FORWARDED } from '../../backend/bound-request.ts';
import type { GrpcUpstream, UpstreamDefinition } from '../../backend/upstreams.ts';
import { SCHEMES } from '../../upstream/endpoint.ts';
import { loadProto } from '../../upstream/grpc/proto.ts';
import type { Mistake } from './mistake.ts';
import { inIndex, type Reading } from './reading.ts';
import { wrongOptions } from './upstream-options.ts';

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
  // What is no text is told as an option.
  if (typeof proto !== 'string' || typeof service !== 'string') return [];
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

/** Whatever else is in a list of names, or in its place, is told as an option. */
const namesIn = (value: unknown): readonly string[] => {
  const all: readonly unknown[] = Array.isArray(value) ? value : [];
  return all.filter((name) => typeof name === 'string');
};

const wrongForward = (reading: Reading, upstream: string, { forward }: UpstreamDefinition): readonly Mistake[] =>
  namesIn(forward?.headers).flatMap((header) => {
    const why = whyNotForwarded(header);
    return why === null ? [] : inIndex(reading, `upstream ${upstream} forwards ${header}, which ${why[0]}`, why[1]);
  });

const wrongUpstream = (reading: Reading, upstream: string, definition: UpstreamDefinition): readonly Mistake[] => {
  if (!Object.hasOwn(SCHEMES, definition.protocol))
    return [
      inIndex(reading, `upstream ${upstream} is neither REST nor gRPC`, 'make it with rest({ … }) or grpc({ … })'),
    ];
  return [
    ...wrongName(reading, upstream),
    ...(definition.protocol === 'grpc' ? wrongProto(reading, upstream, definition) : []),
    ...wrongForward(reading, upstream, definition),
    ...wrongOptions(reading, upstream, definition),
  ];
};

/** Upstreams that could not be called as they are declared. */
export const wrongUpstreams = (reading: Reading): readonly Mistake[] =>
  Object.entries(reading.module.upstreams).flatMap(([upstream, definition]) =>
    wrongUpstream(reading, upstream, definition),
  );
