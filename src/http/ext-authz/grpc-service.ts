import { z } from 'zod';
import { loadProto } from '../../protobuf/load-proto.ts';
import type { Call, Send } from '../../upstream/call.ts';
import type { AuthorizationService, AuthzDecision, CheckedRequest, HeaderValues } from './decision.ts';
import { SERVICE } from './http-service.ts';

const OK = 0;
const UNAUTHENTICATED = 16;
const UNAUTHORIZED = 401;

const Headers = z
  .array(z.object({ header: z.object({ key: z.string(), value: z.string() }).nullish() }))
  .nullish()
  .transform((all) => all ?? []);

const CheckResponse = z.object({
  status: z.object({ code: z.number().nullish() }).nullish(),
  deniedResponse: z.object({ status: z.object({ code: z.number().nullish() }).nullish(), headers: Headers }).nullish(),
  okResponse: z.object({ headers: Headers, headersToRemove: z.array(z.string()).nullish() }).nullish(),
});

/** The headers by name in lower case. A name that is there twice has both values. */
const headersOf = (all: z.output<typeof Headers>): HeaderValues => {
  const headers: Record<string, string> = Object.create(null);
  for (const { header } of all) {
    const name = header?.key.toLowerCase() ?? '';
    const value = header?.value ?? '';
    if (name !== '') headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
};

const decisionOf = (value: unknown): AuthzDecision => {
  const { status, deniedResponse, okResponse } = CheckResponse.parse(value);
  const code = status?.code ?? OK;
  // Either of both denies: a service that contradicts itself has not allowed the request.
  if (code === OK && deniedResponse == null)
    return {
      is: 'allowed',
      headers: headersOf(okResponse?.headers ?? []),
      removed: okResponse?.headersToRemove ?? [],
    };
  const isUnauthenticated =
    (deniedResponse?.status?.code ?? 0) === UNAUTHORIZED || (deniedResponse == null && code === UNAUTHENTICATED);
  return {
    is: 'denied',
    code: isUnauthenticated ? 'UNAUTHENTICATED' : 'FORBIDDEN',
    headers: headersOf(deniedResponse?.headers ?? []),
  };
};

const attributesOf = ({ method, url, scheme, host, clientAddress, headers }: CheckedRequest): object => ({
  source: { address: { socketAddress: { address: clientAddress } } },
  request: { http: { method, path: url, scheme, host, headers } },
});

/**
 * A service with Envoy's ext_authz API, version 3. A status other than OK denies the request: with 401 or UNAUTHENTICATED
 * as a missing sign-in, with any other as forbidden. A call that fails is no decision.
 */
export const grpcAuthorization = (send: Send): AuthorizationService => {
  const service = loadProto({ folder: import.meta.dirname, proto: './authorization.proto' }).service(
    'envoy.service.auth.v3.Authorization',
  );
  const method = service.methods[0];
  if (method === undefined) throw new Error('authorization.proto has no method');
  return {
    check: async (request, { deadline, signal }) => {
      const call: Call = {
        ...{ upstream: SERVICE, route: method.route, idempotent: true, principalKey: '', request: null, headers: {} },
        message: {
          protocol: 'grpc',
          path: method.path,
          request: method.encode({ attributes: attributesOf(request) }),
          safe: true,
          decode: method.decode,
        },
        ...{ deadline, signal, attempt: 1, endpoint: null },
      };
      return decisionOf((await send(call)).value);
    },
  };
};
