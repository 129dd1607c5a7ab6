import { defineBackend, pass, rest, websocket } from 'tributary/backend';
import { typeDefs } from './small-modules.ts';

/** A module with pass-through routes of each kind, for tests. */
export const filesModule = defineBackend()({
  name: 'files',
  typeDefs: typeDefs('type Query { files: Int }'),
  upstreams: {
    files: rest({ timeoutMs: 150_000, retry: { attempts: 2 } }),
    own: rest({ timeoutMs: 150_000, forward: { identity: 'token', headers: ['x-tenant'] } }),
  },
  policies: { owner: ({ kind, ...caller }, { id }) => kind === 'user' && 'subject' in caller && caller.subject === id },
  routes: {
    'GET /files/{id}': pass('files', '/v2/files/{id}'),
    'GET /static/{path=**}': pass('files', '/assets/{path}'),
    'POST /uploads': pass('files', '/v2/uploads', { maxBytes: 4_000_000_000 }),
    'PUT /small': pass('files', { maxBytes: 10 }),
    'GET /mine/{id}': pass('own', { policies: [['owner']] }),
    'GET /secured': pass('own', { authenticated: true }),
    'GET /scoped': pass('files', { scopes: [['files:read', 'files:list'], ['admin']] }),
    'GET /limited': pass('files', { rateLimit: { limit: 2, duration: 60 } }),
    'POST /typed': [
      pass('files', '/images', { when: { contentType: 'image/*' } }),
      pass('files', '/json', { when: { contentType: 'application/json' } }),
    ],
    'GET /typed-read': [pass('files', '/patches', { when: { contentType: 'text/x-diff' } }), pass('files', '/one')],
    'GET /versioned': [
      pass('files', '/two', { when: { header: { 'x-api-version': '2' } } }),
      pass('files', '/host', { when: { host: 'files.example' } }),
      pass('files', '/one'),
    ],
    'GET /ruled': pass('files', {
      requestHeaders: { allow: ['x-extra'], set: { 'x-source': 'gateway' }, remove: ['accept-language'] },
      responseHeaders: { allow: ['x-kept', 'set-cookie'], set: { 'x-added': '1' }, remove: ['etag'] },
    }),
    'GET /cached/{id}': pass('files', { cache: true, summary: 'A cached file.' }),
    'GET /cached-mine': pass('own', { cache: { maxBytes: 100 }, authenticated: true }),
    'GET /live': websocket('files', '/feed', { maxMessageBytes: 200_000 }),
    'GET /live/secured': websocket('own', '/feed', { authenticated: true }),
    'DELETE /files/{id}': pass('files', '/v2/files/{id}'),
  },
  resolvers: { Query: { files: () => 1 } },
});
