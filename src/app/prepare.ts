import type { SchemaModule } from '../backend/define/module.ts';
import { type FoundSecret, readSecrets } from '../config/secrets/read-secrets.ts';
import { type Env, listenAddresses, type ProcessSettings, readConfig, schemaDir } from '../config/settings.ts';
import { ConfigurationError } from '../core/errors.ts';
import { problemsInModules } from '../graph/check/check-modules.ts';
import { listenFault } from '../http/listener/bind-port.ts';
import type { EndpointEntry } from '../upstream/endpoints/endpoint-list.ts';
import type { TlsSettings } from '../upstream/tls/tls-options.ts';
import { discoverModules } from './discover-modules.ts';
import { egressProblems } from './egress.ts';
import { authenticationSecrets } from './identity/authentication.ts';
import { extAuthzVariable, type ReadExtAuthz, readExtAuthz } from './identity/ext-authz.ts';
import { type ReadKeys, readInternalTokens } from './identity/internal-tokens.ts';
import { forwardedHostProblems } from './listeners/forwarded-hosts.ts';
import { type ListenersTls, readListenersTls } from './listeners/listener-tls.ts';
import { type RequestRuleFile, readRequestRuleFile } from './listeners/request-rules.ts';
import { type LimitFileRead, readLimitFile } from './request-limits.ts';
import { readTrustedDocuments, type TrustedDocumentFiles } from './trusted-documents.ts';
import { requiredEndpoints, requiredSecrets, residencyProblems } from './upstream-registry.ts';
import { readUpstreamTls, unusedTlsWarnings } from './upstream-tls.ts';

export interface PrepareOptions {
  /** Starts without the endpoints of upstreams if their variable is not set, with a warning for each. Default false. */
  readonly allowMissingEndpoints?: boolean;
  /** Returns the problem of an address to listen on. Default: by listening on it. */
  readonly faultOf?: typeof listenFault;
}

export interface Prepared {
  readonly modules: readonly SchemaModule[];
  readonly config: ProcessSettings<readonly EndpointEntry[]>;
  /** Values of the secrets of modules and of authentication, by variable. */
  readonly secrets: ReadonlyMap<string, FoundSecret>;
  /** TLS of the upstreams, by `<module>.<upstream>`. */
  readonly tls: ReadonlyMap<string, TlsSettings>;
  /** TLS of the listeners. */
  readonly listeners: ListenersTls;
  /** Trusted documents of the manifests. */
  readonly documents: TrustedDocumentFiles;
  /** Limits of requests. */
  readonly limitFile: LimitFileRead;
  readonly requestRules: RequestRuleFile;
  /** Keys of internal tokens; null for none. */
  readonly signingKeys: ReadKeys['keys'];
  /** Endpoints of the authorisation service. */
  readonly extAuthz: ReadExtAuthz;
}

/** Returns the problems of the listeners. The ports are tried in turn, so that two equal ones do not conflict here. */
const listenFaults = async (env: Env, faultOf: typeof listenFault): Promise<readonly string[]> => {
  const faults: string[] = [];
  for (const { host, ...address } of listenAddresses(env)) {
    const fault = host === null ? null : await faultOf({ ...address, host });
    if (fault !== null) faults.push(fault);
  }
  return faults;
};

/**
 * Reads the modules and the configuration of this environment. Nothing is started.
 *
 * @throws ConfigurationError with all problems: of modules, of their composition, of variables and of addresses to listen on
 */
export const prepare = async (
  env: Env,
  { allowMissingEndpoints = false, faultOf = listenFault }: PrepareOptions = {},
): Promise<Prepared> => {
  const { modules, problems } = await discoverModules(schemaDir(env));
  const all = [...problems, ...problemsInModules(modules)];
  const required = requiredSecrets(modules);
  const tls = await readUpstreamTls(env, modules);
  all.push(...tls.problems);
  const secrets = readSecrets(env, required, { mayBeMissing: allowMissingEndpoints });
  // Never a placeholder: it would verify tokens that are signed with it.
  const ofAuthentication = authenticationSecrets(env);
  const authentication = readSecrets(env, ofAuthentication);
  all.push(...secrets.problems, ...authentication.problems);
  let config: ProcessSettings<readonly EndpointEntry[]> | null = null;
  let listeners: ListenersTls | null = null;
  let trusted = await readTrustedDocuments([]);
  let limitFile = await readLimitFile(null);
  let requestRules = await readRequestRuleFile(null);
  let signingKeys: ReadKeys['keys'] = null;
  let extAuthz: ReadExtAuthz = { service: null, problems: [] };
  try {
    config = readConfig(env, [...requiredEndpoints(modules), ...extAuthzVariable(env)], {
      mayBeMissing: allowMissingEndpoints,
      others: [
        ...[...required, ...ofAuthentication].flatMap(({ variable }) => [variable, `${variable}_FILE`]),
        ...tls.variables,
      ],
    });
    all.push(...residencyProblems(modules, config.settings.REGION), ...egressProblems(modules, config.settings));
    all.push(...forwardedHostProblems(modules, config.settings.PUBLIC_HOSTS));
    listeners = await readListenersTls(config.settings);
    all.push(...listeners.problems);
    trusted = await readTrustedDocuments(config.settings.TRUSTED_DOCUMENTS);
    all.push(...trusted.problems.map((problem) => `TRUSTED_DOCUMENTS: ${problem}`));
    limitFile = await readLimitFile(config.settings.LIMITS);
    all.push(...limitFile.problems.map((problem) => `LIMITS: ${problem}`));
    requestRules = await readRequestRuleFile(config.settings.REQUEST_RULES);
    all.push(...requestRules.problems);
    const tokens = await readInternalTokens(modules, config.settings);
    signingKeys = tokens.keys;
    all.push(...tokens.problems);
    extAuthz = readExtAuthz(config.settings, config.required);
    all.push(...extAuthz.problems);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    all.push(...error.problems);
  }
  all.push(...(await listenFaults(env, faultOf)));
  if (config !== null && listeners !== null && all.length === 0) {
    const unused = unusedTlsWarnings(env, config.required);
    const warnings = [
      ...[...config.warnings, ...secrets.warnings, ...tls.warnings],
      ...[...unused, ...listeners.warnings],
    ];
    const found = new Map([...secrets.found, ...authentication.found]);
    return {
      modules,
      config: { ...config, warnings },
      secrets: found,
      tls: tls.settings,
      listeners,
      documents: trusted,
      ...{ limitFile, requestRules },
      signingKeys,
      extAuthz,
    };
  }
  throw new ConfigurationError(`Tributary cannot start (problems: ${all.length}):`, all);
};
