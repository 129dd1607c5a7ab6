/** The module API: the only import of a schema module. */

export { secret } from '../config/secrets/secret.ts';
export { UpstreamError } from '../core/errors.ts';
export type { Principal } from '../request/request-context.ts';
export type { MappedError, RestErrorResponse } from '../upstream/error-response/map-error-response.ts';
export type { GrpcErrorResponse } from '../upstream/grpc/status.ts';
export { batch, byKey, groupBy } from './define/batch.ts';
export { each } from './define/each.ts';
export { enumeration } from './define/enumeration.ts';
export { badInput, fail, forbidden, notFound } from './define/fail.ts';
export { guard } from './define/guard.ts';
export { loaded } from './define/loaded.ts';
export { defineBackend, type SchemaModule } from './define/module.ts';
export { scalar } from './define/scalar.ts';
export type { Clients, Context, Policy, RowOf as Row, Source } from './define/schema-types.ts';
export { graphql, grpc, rest } from './define/upstream-options.ts';
export { errorFormats } from './error-formats/error-formats.ts';
export { type FieldMask, fieldMask } from './field-mask/field-mask.ts';
export type { FieldMaskOptions } from './field-mask/mask-options.ts';
export { type Entry, entries } from './grpc/entries.ts';
export { oneofRow } from './grpc/oneof-row.ts';
export { connection, type ListConnection, type ListConnectionOptions } from './pages/connection.ts';
export type { Poll, PollOptions } from './poll/poll.ts';
export { remote } from './remote/remote.ts';
export { remoteBatch } from './remote/remote-batch.ts';
export { codec } from './rest/body/codec.ts';
export { file } from './rest/body/file.ts';
export { sdl } from './sdl/sdl.ts';
