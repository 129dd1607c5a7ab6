import { egressSettings } from '../../upstream/egress/egress-options.ts';
import type { EndpointEntry } from '../../upstream/endpoints/endpoint-list.ts';
import { checkSettings } from '../../upstream/options.ts';
import { redirectSettings } from '../../upstream/rest/redirect-options.ts';
import type { UpstreamSettings } from '../../upstream/upstream.ts';
import { credentialSettingsOf, type SecretLookup } from '../credentials/credential-settings.ts';
import { fieldNameOf } from '../rest/rest-call.ts';
import { errorCodesOf } from './error-codes.ts';
import type { SchemaModule } from './module.ts';
import type { UpstreamDefinition } from './upstream-options.ts';

/** An upstream with the module that declares it. */
export interface DeclaredUpstream {
  readonly module: Pick<SchemaModule, 'name'>;
  readonly name: string;
  readonly definition: UpstreamDefinition;
}

/** The settings of an upstream as its module declares it, with these endpoints and the values of its secrets. */
export const upstreamSettings = (
  { module, name, definition }: DeclaredUpstream,
  sources: readonly EndpointEntry[],
  lookup: SecretLookup,
): UpstreamSettings => {
  const { health } = definition;
  const common = {
    name: `${module.name}.${name}`,
    sources,
    traffic: definition,
    checks: health === undefined ? null : checkSettings(health),
    credentials: credentialSettingsOf(definition, lookup, `${module.name}.${name}`),
    egress: egressSettings(definition.egress),
    transform: definition.protocol === 'graphql' ? undefined : definition.transform,
  };
  if (definition.protocol === 'grpc') {
    const { compression, errors } = definition;
    return {
      ...common,
      protocol: 'grpc',
      check: { by: 'grpc' },
      errorCodes: errorCodesOf(definition),
      errors,
      compression,
    };
  }
  const check =
    definition.health === undefined
      ? ({ by: 'connecting' } as const)
      : ({ by: 'http', path: definition.health.path, expectStatus: definition.health.expectStatus } as const);
  const { compression, errors } = definition;
  const redirects = definition.protocol === 'rest' ? redirectSettings(definition.redirects) : undefined;
  const fieldName = definition.protocol === 'rest' ? fieldNameOf(definition) : undefined;
  return {
    ...common,
    protocol: 'rest',
    check,
    errorCodes: errorCodesOf(definition),
    errors,
    compression,
    redirects,
    fieldName,
  };
};
