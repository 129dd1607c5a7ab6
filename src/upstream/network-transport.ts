import { DEFAULT_GUARD } from '../config/egress/egress-guard.ts';
import type { Clock } from '../core/clock.ts';
import type { ErrorCode } from '../core/errors.ts';
import { type Egress, NO_PROXIES, proxiesOf } from './egress/egress.ts';
import type { EgressSettings } from './egress/egress-options.ts';
import {
  type ErrorMapping,
  mapErrorResponse,
  type ReportFault,
  type RestErrorResponse,
} from './error-response/map-error-response.ts';
import type { Report } from './events.ts';
import type { FailedStatus, GrpcErrorResponse } from './grpc/status.ts';
import { grpcTransport } from './grpc/transport.ts';
import type { TrafficSettings } from './options.ts';
import type { FieldName } from './rest/problem-details.ts';
import type { RedirectSettings } from './rest/redirect.ts';
import { restTransport, type Transport } from './rest/transport.ts';
import { DEFAULT_TLS, type TlsSettings } from './tls/tls-options.ts';
import { UpstreamTls } from './tls/upstream-tls.ts';

/** Settings of the network of an upstream. */
export interface NetworkSettings {
  /** `<module>.<upstream>` */
  readonly name: string;
  /** TLS to `https:` and `grpcs:` endpoints. Default: the authorities that Node trusts, and no client certificate. */
  readonly tls?: TlsSettings;
  /** Egress proxies; null for direct calls. Default: those of `HTTPS_PROXY` and `HTTP_PROXY`. */
  readonly egress?: EgressSettings | null | undefined;
}

/** Settings of an upstream that depend on its protocol. */
export type ProtocolSettings =
  | {
      readonly protocol: 'rest';
      readonly errorCodes?: Readonly<Partial<Record<number, ErrorCode>>> | undefined;
      readonly errors?: ErrorMapping<RestErrorResponse> | undefined;
      readonly compression?: boolean | undefined;
      readonly redirects?: RedirectSettings | undefined;
      /** Name of a field in the violations of an error. Default: as in the response. */
      readonly fieldName?: FieldName | undefined;
    }
  | {
      readonly protocol: 'grpc';
      readonly errorCodes?: Readonly<Partial<Record<FailedStatus, ErrorCode>>> | undefined;
      readonly errors?: ErrorMapping<GrpcErrorResponse> | undefined;
      readonly compression?: 'gzip' | undefined;
    };

export interface NetworkDependencies {
  readonly clock: Clock;
  /** Timeout of opening a connection in milliseconds. Default 1,000. */
  readonly connectTimeoutMs?: number;
  /** How calls leave the gateway. Default: directly, to all but reserved addresses, with quotas of this process. */
  readonly egress?: Egress;
}

const MEBIBYTE = 1_048_576;
const CONNECT_TIMEOUT_MS = 1_000;

/** Opens the transport of an upstream's protocol. */
export const networkTransport = (
  settings: NetworkSettings & ProtocolSettings,
  { limits, deadlineHeader, attemptHeader, maxResponseBytes }: TrafficSettings,
  { clock, connectTimeoutMs = CONNECT_TIMEOUT_MS, egress }: NetworkDependencies,
  report: Report,
): Transport => {
  const common = {
    clock,
    limits,
    connectTimeoutMs,
    guard: egress?.guard ?? DEFAULT_GUARD,
    proxies: egress?.proxies ?? null,
    proxiesOf: egress === undefined ? NO_PROXIES : proxiesOf(settings.name, settings.egress, egress),
    tls: new UpstreamTls(settings.tls ?? DEFAULT_TLS, { clock, report }),
  };
  const reportFault: ReportFault = (route, fault) => report({ is: 'mapping', route, fault });
  return settings.protocol === 'rest'
    ? restTransport({
        ...common,
        maxResponseBytes: maxResponseBytes ?? 10 * MEBIBYTE,
        deadlineHeader,
        attemptHeader,
        map: mapErrorResponse(settings.errors, reportFault),
        ...(settings.errorCodes !== undefined && { codes: settings.errorCodes }),
        ...(settings.compression !== undefined && { compression: settings.compression }),
        ...(settings.redirects !== undefined && { redirects: settings.redirects }),
        ...(settings.fieldName !== undefined && { fieldName: settings.fieldName }),
      })
    : grpcTransport({
        ...common,
        maxResponseBytes: maxResponseBytes ?? 4 * MEBIBYTE,
        map: mapErrorResponse(settings.errors, reportFault),
        ...(settings.errorCodes !== undefined && { codes: settings.errorCodes }),
        ...(settings.compression !== undefined && { compression: settings.compression }),
      });
};
