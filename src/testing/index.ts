/** Public API for the tests of schema modules: `tributary/testing`. */
export { reply, type Scripted, type ScriptedRequest, scripted } from './scripted.ts';
export type { ServiceResolvers } from './scripted-service.ts';
export { type SignedIn, signedIn } from './signed-in.ts';
export { type TestAnswer, type TestBackendOptions, type TestGateway, testBackend } from './test-backend.ts';
export type { TestRequest, TestResponse } from './test-request.ts';
