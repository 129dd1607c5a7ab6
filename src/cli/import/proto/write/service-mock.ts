import { quoted } from '../../../codegen/layout.ts';
import { typeName } from '../../names/names.ts';
import { literal } from '../../write/literal.ts';
import { propertyName } from '../../write/property-name.ts';
import type { ImportedService } from '../imported-service.ts';
import type { ServiceCase } from './service-cases.ts';

/** Names in the file of the fields that a response repeats from its request. */
interface Echo {
  readonly parameter: string;
  readonly key: string;
  readonly rows: string | null;
}

const echoOf = (service: ImportedService, route: string): (Echo & { readonly isBatch: boolean }) | null => {
  const loader = service.loaders.find((one) => one.route === route);
  const field = service.fields.find((one) => one.route === route);
  if (loader === undefined || field === undefined) return null;
  const row = service.objects.find(({ name, side }) => name === loader.type && side === 'output');
  const key = row?.fields.find(({ name }) => name === loader.key)?.part;
  const parameter = field.request.fields.find(({ name }) => name === loader.parameter);
  const rows = field.response.fields.find(({ name }) => name === loader.rows);
  if (key?.kind !== 'field' || parameter === undefined) return null;
  return {
    isBatch: loader.kind === 'batch',
    parameter: parameter.writtenName,
    key: key.field.writtenName,
    rows: rows?.writtenName ?? null,
  };
};

const at = (property: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(property) ? `.${property}` : `[${quoted(property)}]`;

/** A text that stands for an expression in a literal. */
const PLACE = 'PLACE OF THE KEY';

const responseText = (one: ServiceCase, service: ImportedService): string => {
  const echo = echoOf(service, one.route);
  if (echo === null) return literal(one.wire, '    ', 30);
  const { parameter, key, rows, isBatch } = echo;
  const value = `request${at(parameter)}`;
  const found = rows === null ? one.wire : Object.entries(Object(one.wire)).find(([name]) => name === rows)?.[1];
  const row = Array.isArray(found) ? found[0] : found;
  const text = (expression: string): string =>
    literal({ ...Object(row), [key]: PLACE }, '    ', 60).replace(quoted(PLACE), expression);
  if (rows === null) return `(request) => (${text(value)})`;
  return isBatch
    ? `(request) => ({ ${propertyName(rows)}: ${value}.map((key: unknown) => (${text('key')})) })`
    : `(request) => ({ ${propertyName(rows)}: ${text(value)} })`;
};

/** The text of mock.ts: a gRPC server with a response for each method. */
export const serviceMock = (service: ImportedService, cases: readonly ServiceCase[]): string => {
  const responses = service.services.map(({ name }) => {
    const own = new Map(
      cases.filter(({ route }) => route.startsWith(`${name}/`)).map((one) => [one.route.slice(name.length + 1), one]),
    );
    const methods = [...own].map(([method, one]) => `    ${method}: ${responseText(one, service)},`);
    return `  ${quoted(name)}: {\n${methods.join('\n')}\n  },`;
  });
  const start = `start${typeName(service.name)}`;
  return `import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const ROOT = fileURLToPath(new URL(${quoted(`./${service.root}`)}, import.meta.url));
const PROTO = ${quoted(service.proto.slice(service.root.length + 1))};

/** A response, or a function that computes it from the request. Names are as in the .proto. */
// biome-ignore lint/suspicious/noExplicitAny: messages of proto-loader have no types.
type Response = object | ((request: any) => object);

/** Responses by service and method. */
const RESPONSES: Readonly<Record<string, Readonly<Record<string, Response>>>> = {
${responses.join('\n')}
};

/** The running services, all at one address. */
export interface ${typeName(service.name)}Mock extends AsyncDisposable {
  /** \`grpc://127.0.0.1:<port>\` */
  readonly url: string;
  /** Calls so far: \`Service/Method\`. */
  readonly calls: readonly string[];
}

/** Starts the services. Port 0 is a free one. */
export const ${start} = async (port = 0): Promise<${typeName(service.name)}Mock> => {
  const calls: string[] = [];
  const loaded = loadSync(PROTO, { includeDirs: [ROOT], keepCase: true, longs: String, enums: String, defaults: true });
  const server = new Server();
  for (const [name, responses] of Object.entries(RESPONSES)) {
    // A service of the .proto, which has no static type.
    const definition = loaded[name] as ServiceDefinition;
    const handlers = Object.entries(responses).map(([method, response]) => [
      method,
      ({ request }: { request: unknown }, reply: (error: null, message: object) => void) => {
        calls.push(\`\${name}/\${method}\`);
        reply(null, typeof response === 'function' ? response(request) : response);
      },
    ]);
    server.addService(definition, Object.fromEntries(handlers));
  }
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(\`127.0.0.1:\${port}\`, ServerCredentials.createInsecure(), (error, found) =>
      error === null ? resolve(found) : reject(error),
    ),
  );
  return { url: \`grpc://127.0.0.1:\${bound}\`, calls, [Symbol.asyncDispose]: async () => server.forceShutdown() };
};

// \`node mock.ts 9000\` runs it.
if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await ${start}(Number(process.argv[2] ?? 0))).url);
`;
};
