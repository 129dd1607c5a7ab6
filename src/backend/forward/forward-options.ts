import type { z } from 'zod';
import { type Fix, group, listOption, nameFix, oneOfOption, option, textFix } from '../../upstream/option-kinds.ts';
import { CERTIFICATE_HEADER_NAMES, type CertificateHeader } from './certificate-headers.ts';
import { CLIENT_HEADER_NAMES, type ClientHeader } from './client-headers.ts';

/** True, false, or a list of these names. */
const namesOrAll =
  (names: readonly string[]): Fix =>
  (value) => {
    if (typeof value === 'boolean') return null;
    const otherwise = `use true, false, or a list of ${names.join(', ')}`;
    if (!Array.isArray(value) || value.length === 0) return otherwise;
    const fix = nameFix(names, otherwise);
    return value.reduce<string | null>((found, name) => found ?? fix(name), null);
  };

const SHAPE = {
  /** `token`: the caller's `Authorization` header, unchanged. Default none. */
  identity: oneOfOption('token').optional(),
  /** The caller's address, as `X-Forwarded-For`; or a list of the headers about the client that are sent. Default false. */
  client: option<boolean | readonly ClientHeader[]>(namesOrAll(CLIENT_HEADER_NAMES)).optional(),
  /** The caller's TLS certificate: all headers about it, or a list of them. Default false. */
  certificate: option<boolean | readonly CertificateHeader[]>(namesOrAll(CERTIFICATE_HEADER_NAMES)).optional(),
  /** Headers of the caller's request, by name. Default none. */
  headers: listOption<string>(textFix).optional(),
};

/** `forward` of gRPC upstreams. */
export const FORWARD = group(SHAPE);

/** `forward` of REST and GraphQL upstreams. */
export const HTTP_FORWARD = group({
  ...SHAPE,
  /** True: `Host` is the one that the client requested. Default false: that of the endpoint. */
  host: oneOfOption(true, false).optional(),
});

/** Data of the caller that an upstream receives. Default: none. */
export interface Forward extends z.input<typeof FORWARD> {}

/** Data of the caller that a REST or GraphQL upstream receives. Default: none. */
export interface HttpForward extends z.input<typeof HTTP_FORWARD> {}
