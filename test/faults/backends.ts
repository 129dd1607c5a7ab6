import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Endpoint, endpointAt } from '../../src/upstream/endpoints/endpoint.ts';
import { FaultProxy } from '../support/fault-proxy/fault-proxy.ts';
import { freePort } from '../support/processes/ports.ts';
import { type RunningProcess, startNode } from '../support/processes/processes.ts';
import type { Conduct, Seen } from './backend/conduct.ts';
import type { Protocol } from './protocols.ts';

export interface BackendOptions {
  readonly protocol: Protocol;
  readonly random: () => number;
  /** The backend closes connections idle for this many milliseconds, without a notice. Default: it keeps them. */
  readonly idleMs?: number | null;
  /** True if the endpoint is the backend itself instead of the proxy. Default false. */
  readonly direct?: boolean;
}

const CONTROL_TIMEOUT_MS = 5_000;

const control = async (port: number, method: string, path: string, body?: object): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asking = request({ port, host: '127.0.0.1', method, path, agent: false, timeout: CONTROL_TIMEOUT_MS });
  asking.once('response', (response) => text(response).then(resolve, reject));
  asking.once('timeout', () => asking.destroy(new Error('the backend does not answer its control port')));
  asking.once('error', reject);
  asking.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
};

/** One backend: a process, and the proxy in front of it. */
export class FaultyBackend implements AsyncDisposable {
  readonly proxy: FaultProxy;
  readonly endpoint: Endpoint;
  readonly #args: readonly string[];
  readonly #ports: readonly [port: number, raw: number, control: number];
  readonly #protocol: Protocol;
  #process: RunningProcess;

  private constructor(
    { protocol, direct = false }: BackendOptions,
    ports: readonly [number, number, number],
    args: readonly string[],
    process: RunningProcess,
    proxy: FaultProxy,
  ) {
    this.#protocol = protocol;
    this.#ports = ports;
    this.#args = args;
    this.#process = process;
    this.proxy = proxy;
    this.endpoint = endpointAt(`${protocol.scheme}://127.0.0.1:${direct ? this.#direct : proxy.port}`);
  }

  static async start(options: BackendOptions): Promise<FaultyBackend> {
    const ports = [await freePort(), await freePort(), await freePort()] as const;
    const idle = options.idleMs == null ? [] : ['--idle-ms', String(options.idleMs)];
    const names = ['--port', '--raw-port', '--control-port'];
    const places = names.flatMap((name, index) => [name, String(ports[index])]);
    const args = ['--protocol', options.protocol.name, ...places, ...idle];
    const process = await started(args);
    const proxy = await FaultProxy.to(ports[0], options.random);
    return new FaultyBackend(options, ports, args, process, proxy);
  }

  /** Its address, as events have it. */
  get address(): string {
    return `${this.#protocol.scheme}://${this.endpoint.url.host}`;
  }

  async conduct(changes: Partial<Conduct>): Promise<void> {
    await control(this.#ports[2], 'PUT', '/conduct', changes);
  }

  /** Record of the backend since the last reset. */
  async seen(): Promise<Seen> {
    return JSON.parse(await control(this.#ports[2], 'GET', '/seen'));
  }

  async forget(): Promise<void> {
    await control(this.#ports[2], 'DELETE', '/seen');
  }

  /** Answers in this shape from now on. Shapes that no gRPC library sends come from a raw server. */
  async shape(shape: Conduct['shape']): Promise<void> {
    await this.conduct({ shape });
    if (this.#protocol.name !== 'grpc') return;
    const [port, raw] = this.#ports;
    this.proxy.retarget(shape === 'whole' ? port : raw);
    this.proxy.cut();
  }

  /** kill -9. Its port refuses connections from then on. */
  async kill(): Promise<void> {
    const gone = this.#process.stop('SIGKILL');
    await gone;
    await this.proxy.down();
  }

  /** Restarts it on its ports, with an empty record. */
  async restart(): Promise<void> {
    this.#process = await started(this.#args);
    await this.proxy.up();
  }

  /** SIGSTOP: the kernel still accepts connections, and nothing is answered. */
  freeze(): void {
    process.kill(this.#process.pid, 'SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    process.kill(this.#process.pid, 'SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.proxy[Symbol.asyncDispose](), this.#process.stop('SIGKILL')]);
  }

  /** Source of raw gRPC shapes without a proxy. */
  get #direct(): number {
    return this.#protocol.name === 'grpc' ? this.#ports[1] : this.#ports[0];
  }
}

const started = async (args: readonly string[]): Promise<RunningProcess> => {
  const running = startNode('test/faults/backend.ts', args);
  await running.waitFor(/ready/);
  return running;
};
