import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Client, type ClientUnaryCall, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { loadService } from './grpc-service.ts';
import { type MockName, type MockOptions, type RunningMock, startMock } from './start.ts';

/** A mock that ends with its test. */
export const mockFor = async (name: MockName, options: MockOptions = {}): Promise<RunningMock> => {
  const mock = await startMock(name, options);
  onTestFinished(() => mock.close());
  return mock;
};

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly onHeaders?: (status: number) => void;
}

/** Sends one request on a connection of its own; rejects if the answer is incomplete. */
export const http = (url: string, { body, onHeaders, ...init }: HttpInit = {}): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    const request = httpRequest(url, { ...init, agent, maxHeaderSize: 128 * 1024 }, async (response) => {
      try {
        const { statusCode: status = 0, headers } = response;
        onHeaders?.(status);
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        resolve({ status, headers, text });
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });

export const json = async (url: string, init: HttpInit = {}) => {
  const { text, ...rest } = await http(url, init);
  return { ...rest, body: JSON.parse(text) };
};

const Calls = z.object({
  calls: z.array(
    z.strictObject({
      method: z.string(),
      route: z.string(),
      path: z.string(),
      ids: z.array(z.string()),
      headers: z.record(z.string(), z.string()),
      servedTo: z.string().nullable(),
      status: z.number().nullable(),
      aborted: z.boolean(),
      abortedAfterMs: z.number().nullable(),
      startedAt: z.number(),
    }),
  ),
});

export const callsOf = async ({ controlUrl }: RunningMock) =>
  Calls.parse((await json(`${controlUrl}/__calls`)).body).calls;

export const setFaults = async ({ controlUrl }: RunningMock, ...faults: readonly unknown[]): Promise<void> => {
  const { status, text } = await http(`${controlUrl}/__faults`, { method: 'PUT', body: { faults } });
  if (status !== 200) throw new Error(text);
};

const INVENTORY = loadService(
  new URL('../schema/inventory/inventory.proto', import.meta.url),
  'inventory.v1.Inventory',
);
const HEALTH = loadService(new URL('health.proto', import.meta.url), 'grpc.health.v1.Health');

export interface GrpcAnswer {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
  readonly message: unknown;
  /** True if headers arrived before the status. */
  readonly headed: boolean;
}

export interface GrpcInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
  readonly onCall?: (call: ClientUnaryCall) => void;
}

/** A real client of the mock's methods. Answers resolve whatever their status. */
export const grpcClient = ({ port }: RunningMock) => {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    'grpc.enable_retries': 0,
  });
  onTestFinished(() => client.close());

  return (method: string, message: object, init: GrpcInit = {}): Promise<GrpcAnswer> => {
    const definition = { ...INVENTORY, ...HEALTH }[method];
    if (definition === undefined) throw new Error(`no such method: ${method}`);
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(init.headers ?? {})) metadata.set(name, value);
    const options = init.deadlineMs === undefined ? {} : { deadline: Date.now() + init.deadlineMs };
    return new Promise((resolve) => {
      let headed = false;
      const onAnswer = (error: ServiceError | null, answer?: unknown) =>
        resolve({
          code: error?.code ?? 0,
          details: error?.details ?? '',
          metadata: error?.metadata ?? new Metadata(),
          message: answer,
          headed,
        });
      const { path, requestSerialize, responseDeserialize } = definition;
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        metadata,
        options,
        onAnswer,
      );
      call.on('metadata', () => {
        headed = true;
      });
      init.onCall?.(call);
    });
  };
};
