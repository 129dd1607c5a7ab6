/** The endpoint that a team would write without GraphQL: Fastify, undici's `request`, @grpc/grpc-js; no log, no checks of answers. */
import fastify from 'fastify';
import { openCalls } from './shared/calls.ts';
import { PORT } from './shared/environment.ts';
import { addPages } from './shared/fastify-pages.ts';

const app = fastify();
addPages(app, openCalls());

await app.listen({ port: PORT, host: '127.0.0.1' });
