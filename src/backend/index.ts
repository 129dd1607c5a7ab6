/** The module API: the only import of a schema module. */
export { UpstreamError } from '../errors.ts';
export { batch, byKey, groupBy } from './batch.ts';
export { enumeration } from './enumeration.ts';
export { badInput, fail, forbidden, notFound } from './fail.ts';
export { guard } from './guard.ts';
export { loaded } from './loaded.ts';
export { defineBackend, type SchemaModule } from './module.ts';
export type { Policy } from './policy.ts';
export type { Principal } from './request-context.ts';
export { scalar } from './scalar.ts';
export type { Source } from './schema-types.ts';
export { sdl } from './sdl.ts';
export { grpc, rest } from './upstreams.ts';
