import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { DEFAULT_GUARD, type EgressGuard } from '../../../config/egress/egress-guard.ts';
import { guardedConnector } from '../../../config/egress/guarded-connector.ts';
import { type FailureCause, failureCause, failureReason, SourceError } from '../sources/failure-reason.ts';

/** How to reach the API server. */
export interface KubernetesAccess {
  /** Its base URL. */
  readonly url: URL;
  /** File with the token of the service account, read again for each request: Kubernetes replaces it. */
  readonly tokenFile: string;
  /** File with the certificates of the API server's authority. */
  readonly caFile: string;
}

/** Access of a pod with its service account (Kubernetes: "Accessing the API from within a Pod"). */
export const IN_CLUSTER: KubernetesAccess = {
  url: new URL('https://kubernetes.default.svc'),
  tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
  caFile: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
};

const CAUSES: Readonly<Partial<Record<number, FailureCause>>> = { 401: 'denied', 403: 'denied', 404: 'absent' };

/** The API server answered with an error status. */
export class KubernetesStatusError extends SourceError {
  readonly status: number;

  constructor(status: number) {
    super(CAUSES[status] ?? 'server', `the API server answered ${status}`);
    this.status = status;
  }
}

export interface KubernetesApi {
  /** Returns the JSON of a path. @throws KubernetesStatusError */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /**
   * Opens a watch, and yields its events, each a line of JSON, until the server ends it.
   *
   * @throws KubernetesStatusError
   */
  watch(path: string, signal: AbortSignal): Promise<AsyncIterable<unknown>>;
  close(): Promise<void>;
}

/** Reads a file of the service account. @throws SourceError with its path */
const readAccountFile = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SourceError(failureCause(error), `the file ${path} cannot be read: ${failureReason(error)}`);
  }
};

/** Longest list, and longest line of a watch, in bytes. */
const MAX_BYTES = 33_554_432;
const CONNECT_TIMEOUT_MS = 2_000;
const HEADERS_TIMEOUT_MS = 5_000;

/** Reads `body` within the bound. */
const textOf = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`the answer has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};

async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > MAX_BYTES) throw new Error(`an event has more than ${MAX_BYTES} bytes`);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

async function* valuesOf(body: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  for await (const line of linesOf(body)) if (line !== '') yield JSON.parse(line);
}

/** A client of the API server: token and certificates are those of the service account of a pod. */
export const kubernetesApi = (
  { url, tokenFile, caFile }: KubernetesAccess,
  guard: EgressGuard = DEFAULT_GUARD,
): KubernetesApi => {
  let connection: { readonly agent: Agent; readonly ca: string } | null = null;
  /** Returns the connections to the server, new ones after a change of its certificates. */
  const connect = async (): Promise<Agent> => {
    const ca = url.protocol === 'https:' ? await readAccountFile(caFile) : '';
    if (connection?.ca === ca) return connection.agent;
    void connection?.agent.close();
    const agent = new Agent({
      connect: guardedConnector({ timeout: CONNECT_TIMEOUT_MS, ...(ca !== '' && { ca }) }, guard),
      headersTimeout: HEADERS_TIMEOUT_MS,
      // A watch is silent for as long as nothing changes. Its own `timeoutSeconds` ends it.
      bodyTimeout: 0,
    });
    connection = { agent, ca };
    return agent;
  };
  const open = async (path: string, signal: AbortSignal) => {
    const token = (await readAccountFile(tokenFile)).trim();
    const { statusCode, body } = await request(new URL(path, url), {
      dispatcher: await connect(),
      signal,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    }).catch((error: unknown) => {
      if (failureCause(error) !== 'tls') throw error;
      throw new SourceError(
        'tls',
        `no certificate in ${caFile} has signed the one of the API server: ${failureReason(error)}`,
      );
    });
    if (statusCode === 200) return body;
    body.on('error', () => {}).resume();
    throw new KubernetesStatusError(statusCode);
  };
  return {
    get: async (path, signal) => JSON.parse(await textOf(await open(path, signal))),
    watch: async (path, signal) => valuesOf(await open(path, signal)),
    close: async () => {
      await connection?.agent.destroy();
    },
  };
};
