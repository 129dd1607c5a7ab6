/** What a schema module's own tests may import. */
export { reply, type Scripted, type ScriptedRequest, scripted } from './scripted.ts';
export { type SignedIn, signedIn } from './signed-in.ts';
export { type TestAnswer, type TestBackendOptions, type TestGateway, testBackend } from './test-backend.ts';
