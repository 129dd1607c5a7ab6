import { endpointsVariable } from '../backend/define/endpoints-variable.ts';
import type { SchemaModule } from '../backend/define/module.ts';
import { type Env, trimmed } from '../config/text.ts';
import { wallTime } from '../core/clock.ts';
import type { EndpointEntry } from '../upstream/endpoints/endpoint-list.ts';
import { readTls, tlsVariables } from '../upstream/tls/read-tls.ts';
import { TLS_OPTION, type TlsSettings } from '../upstream/tls/tls-options.ts';

export interface UpstreamsTls {
  /** Settings by `<module>.<upstream>`. */
  readonly settings: ReadonlyMap<string, TlsSettings>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** Names of all variables that may be set. */
  readonly variables: readonly string[];
}

/** Reads the TLS of all upstreams, with the problems of all files. */
export const readUpstreamTls = async (env: Env, modules: readonly SchemaModule[]): Promise<UpstreamsTls> => {
  const present = trimmed(env);
  const sites = modules.flatMap((module) =>
    Object.entries(module.upstreams).map(([name, { tls }]) => ({
      name: `${module.name}.${name}`,
      variable: endpointsVariable(module.name, name),
      // Invalid options are a problem of the module.
      tls: TLS_OPTION.safeParse(tls).data ?? {},
    })),
  );
  const read = await Promise.all(
    sites.map(async ({ name, variable, tls }) => ({ name, ...(await readTls(variable, present, tls, wallTime())) })),
  );
  return {
    settings: new Map(read.map(({ name, settings }) => [name, settings])),
    problems: read.flatMap(({ problems }) => problems),
    warnings: read.flatMap(({ warnings }) => warnings),
    variables: sites.flatMap(({ variable }) => tlsVariables(variable)),
  };
};

/** True if the entry is an address without TLS. Other sources list addresses with schemes of their own. */
const isPlain = (entry: EndpointEntry): boolean =>
  'endpoint' in entry && /^(http|grpc):$/.test(entry.endpoint.url.protocol);

/** Returns a warning for each upstream with variables of TLS and no endpoint that uses TLS. */
export const unusedTlsWarnings = (
  env: Env,
  required: ReadonlyMap<string, readonly EndpointEntry[]>,
): readonly string[] => {
  const present = trimmed(env);
  return [...required].flatMap(([variable, entries]) => {
    const set = tlsVariables(variable).find((name) => present[name] !== undefined);
    return set === undefined || !entries.every(isPlain)
      ? []
      : `${set} has no effect: no endpoint of ${variable} begins with https:// or grpcs://. Calls are sent without TLS.`;
  });
};
