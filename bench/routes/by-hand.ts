/** A route as one would write it: node:http and undici, without anything else. `PORT`, and `ORIGIN` of the backend. */
import { createServer, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

const { PORT = '0', ORIGIN = '' } = process.env;
const pool = new Pool(ORIGIN, { connections: 256, pipelining: 1 });

/** Passes an answer on. By `dispatch`, because `stream` makes a stream and several closures of undici for each request. */
class Passed implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#response.on('drain', () => controller.resume());
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) controller.abort(new Error('The client closed its connection.'));
    });
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    { connection: _own, 'keep-alive': _kept, ...passed }: Record<string, string | string[] | undefined>,
  ): void {
    if (status >= 200) this.#response.writeHead(status, passed);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    this.#response.destroy();
  }
}

createServer((request, response) => {
  const { url = '/', method = 'GET', headers } = request;
  const { host: _host, connection: _connection, ...forwarded } = headers;
  pool.dispatch({ path: url, method: method as 'GET', headers: forwarded, body: null }, new Passed(response));
}).listen(Number(PORT), '127.0.0.1');
