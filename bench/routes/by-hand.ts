/** A route as one would write it: node:http and undici, without anything else. `PORT`, and `ORIGIN` of the backend. */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const { PORT = '0', ORIGIN = '' } = process.env;
const pool = new Pool(ORIGIN, { connections: 256, pipelining: 1 });

createServer((request, response) => {
  const { url = '/', method = 'GET', headers } = request;
  const { host: _host, connection: _connection, ...forwarded } = headers;
  pool
    .stream(
      { path: url, method: method as 'GET', headers: forwarded, body: null },
      ({ statusCode, headers: answered }) => {
        const { connection: _own, 'keep-alive': _kept, ...passed } = answered;
        response.writeHead(statusCode, passed as Record<string, string>);
        return response;
      },
    )
    .catch(() => response.destroy());
}).listen(Number(PORT), '127.0.0.1');
