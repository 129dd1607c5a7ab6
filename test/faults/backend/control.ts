import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Behaviour } from './behaviour.ts';

/**
 * Control API: `PUT /conduct` changes parts of a backend's conduct, `GET /seen` returns its record, `DELETE /seen`
 * resets it.
 */
export const controlServer = (behaviour: Behaviour): Server =>
  createServer(async (request, response) => {
    const asked = `${request.method} ${request.url}`;
    response.setHeader('connection', 'close').on('error', () => {});
    if (asked === 'PUT /conduct') behaviour.change(JSON.parse(await text(request)));
    else if (asked === 'DELETE /seen') behaviour.forget();
    else if (asked !== 'GET /seen') response.statusCode = 404;
    response.end(JSON.stringify(asked === 'GET /seen' ? behaviour.seen() : {}));
  });
