import * as openid from 'openid-client';
import type { OwnRequests } from '../../../config/egress/own-requests.ts';
import type { CurrentText } from '../../../config/secrets/secret-store.ts';
import type { SessionSettings } from '../../../config/sessions.ts';
import type { Clock } from '../../../core/clock.ts';
import { clientAuthentication } from '../../discovery/client-authentication.ts';
import { boundedFetch } from './bounded-fetch.ts';

export interface OpenIdProviderOptions {
  readonly settings: SessionSettings;
  /** Returns the value of a variable with a secret. */
  readonly secretOf: (variable: string) => CurrentText;
  readonly requests: Pick<OwnRequests, 'fetch'>;
  readonly clock: Clock;
  /** Called when the metadata of the provider cannot be read. */
  readonly report: (reason: string) => void;
}

/** Age of the provider's metadata at which it is read again. */
const METADATA_MS = 3_600_000;
/** Milliseconds from a failure to read the metadata to the next attempt. */
const RETRY_MS = 1_000;

/** An error with its causes. */
export const causesOf = (error: unknown): readonly Error[] =>
  error instanceof Error ? [error, ...causesOf(error.cause)] : [];

const discovered = ({ settings, secretOf, requests, clock }: OpenIdProviderOptions): Promise<openid.Configuration> => {
  const present = clientAuthentication(settings.client, secretOf);
  const authentication: openid.ClientAuth = async (server, client, body, headers) =>
    (await present())(server, client, body, headers);
  return openid.discovery(new URL(settings.issuer), settings.client.id, undefined, authentication, {
    [openid.customFetch]: boundedFetch(requests, clock),
    execute: [
      // Signatures of ID tokens are verified, although TLS has authenticated the token endpoint.
      openid.enableNonRepudiationChecks,
      // The settings allow http to this machine only.
      ...(settings.issuer.startsWith('http:') ? [openid.allowInsecureRequests] : []),
    ],
  });
};

/**
 * Returns the function for the client's configuration: the metadata of the provider, read at first use, and again every
 * hour. It returns null while none could be read.
 */
export const providerConfiguration = (options: OpenIdProviderOptions): (() => Promise<openid.Configuration | null>) => {
  const { clock, report } = options;
  let known: { readonly config: openid.Configuration; readonly at: number } | null = null;
  let flight: Promise<void> | null = null;
  let notBefore = Number.NEGATIVE_INFINITY;

  const load = async (): Promise<void> => {
    notBefore = clock.now() + RETRY_MS;
    try {
      known = { config: await discovered(options), at: clock.now() };
    } catch (error) {
      report(
        causesOf(error)
          .map(({ message }) => message)
          .join(': '),
      );
    }
  };

  return async () => {
    const isFresh = known !== null && clock.now() - known.at < METADATA_MS;
    if (!isFresh && (flight !== null || clock.now() >= notBefore)) {
      flight ??= load().finally(() => {
        flight = null;
      });
      await flight;
    }
    return known?.config ?? null;
  };
};
