import { quoted } from '../../../codegen/layout.ts';
import type { Definition } from '../../imported-graph.ts';
import { isJsonRecord } from '../../json.ts';
import { typeName } from '../../names/names.ts';
import { literal } from '../../write/literal.ts';
import { propertyName } from '../../write/property-name.ts';
import type { ImportedLoader, ImportedModule, RootField } from '../imported-module.ts';
import { labelOf } from '../operation/operations.ts';
import { resultSample } from './response-samples.ts';
import { SAMPLE_BYTES, type Samples, samples } from './samples.ts';

/** The property of a row with the key of a loader. */
const keyProperty = ({ type, key }: ImportedLoader, definitions: readonly Definition[]): string | null => {
  const definition = definitions.find(({ name }) => name === type);
  const field = definition?.kind === 'object' ? definition.fields.find(({ name }) => name === key) : undefined;
  return field?.property ?? null;
};

/** A text that stands for an expression in a literal. */
const PLACE = 'PLACE OF THE KEY';

/** A response by the keys of the request, for the call of a loader. */
const keyedResponse = (loader: ImportedLoader, raw: unknown, key: string): string => {
  const { kind, parameter, style, pages } = loader;
  const row = (of: unknown) => literal({ ...Object(of), [key]: PLACE }, '  ', 60).replace(quoted(PLACE), 'id');
  if (kind === 'each') return `({ ${parameter === 'id' ? 'id' : `${propertyName(parameter)}: id`} }) => (${row(raw)})`;
  const ids =
    style === 'comma' ? `(query.get(${quoted(parameter)}) ?? '').split(',')` : `query.getAll(${quoted(parameter)})`;
  const rows = `${ids}.map((id) => (${row(raw)}))`;
  const path = pages?.rows ?? [];
  if (path.length === 0) return `(_path, query) => ${rows}`;
  return `(_path, query) => (${path.reduceRight((inner, name) => `{ ${propertyName(name)}: ${inner} }`, rows)})`;
};

const responseText = (
  field: RootField,
  { loaders }: ImportedModule,
  definitions: readonly Definition[],
  make: Samples,
): string | null => {
  if (field.result.as === 'none') return '() => undefined';
  if (field.result.as === 'bytes') return `() => Buffer.from(${quoted(SAMPLE_BYTES)}, 'base64')`;
  const sample = resultSample(field, make);
  if (sample === null) return null;
  if (field.result.as === 'text') return `() => Buffer.from(${quoted(String(sample.raw))})`;
  const loader = field.method === 'get' ? loaders.find((one) => one.path === field.path) : undefined;
  const key = loader === undefined ? null : keyProperty(loader, definitions);
  const row = loader?.kind === 'batch' ? make.output({ kind: 'object', name: loader.type }, 'item')?.raw : sample.raw;
  if (loader !== undefined && key !== null && isJsonRecord(row)) {
    return keyedResponse(loader, row, key);
  }
  const text = literal(sample.raw, '  ', labelOf(field).length + 12);
  return text.startsWith('{') ? `() => (${text})` : `() => ${text}`;
};

/** The text of mock.ts: an HTTP server with a response for each operation. */
export const mockText = (module: ImportedModule, definitions: readonly Definition[]): string => {
  const name = typeName(module.name);
  const make = samples(definitions);
  const responses = module.fields.flatMap((field) => {
    const text = responseText(field, module, definitions, make);
    return text === null ? [] : [`  ${quoted(labelOf(field))}: ${text},`];
  });
  return `import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

type Respond = (path: Readonly<Record<string, string>>, query: URLSearchParams) => unknown;

/** Responses by operation: bytes as they are, undefined as an empty one, any other value as JSON. */
const RESPONSES: Readonly<Record<string, Respond>> = {
${responses.join('\n')}
};

/** A path without parameters precedes one with them. */
const ROUTES = Object.entries(RESPONSES).toSorted(([one], [other]) => one.split('{').length - other.split('{').length);

const escaped = (text: string) => text.replaceAll(/[.*+?^$()|[\\]\\\\]/g, '\\\\$&');

/** The values of a template such as \`/photos/{id}\` in a path; null for another path. */
const valuesIn = (template: string, path: string): Readonly<Record<string, string>> | null => {
  const names = [...template.matchAll(/\\{([^{}]+)\\}/g)].map(([, name = '']) => name);
  const found = new RegExp(\`^\${escaped(template).replaceAll(/\\{[^{}]+\\}/g, '([^/]+)')}$\`).exec(path);
  return found && Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at + 1] ?? '')]));
};

/** The running backend. */
export interface ${name}Mock extends AsyncDisposable {
  readonly url: string;
  /** Calls so far: \`GET /photos/7?size=2\`. */
  readonly calls: readonly string[];
}

/** Starts the backend. Port 0 is a free one. */
export const start${name} = async (port = 0): Promise<${name}Mock> => {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/' } = request;
    const { pathname, searchParams } = new URL(url, 'http://mock');
    calls.push(\`\${method} \${url}\`);
    // A server that does not read a body cannot keep the connection.
    request.resume();
    await once(request, 'end');
    for (const [operation, respond] of ROUTES) {
      const [verb, template = ''] = operation.split(' ');
      const values = verb === method ? valuesIn(template, pathname) : null;
      if (values === null) continue;
      const body = respond(values, searchParams);
      if (body === undefined) response.writeHead(204).end();
      else if (body instanceof Uint8Array) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(body);
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    response.writeHead(404).end();
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  // A server that listens on a port has an address of this form.
  const address = server.address() as AddressInfo;
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: \`http://127.0.0.1:\${address.port}\`, calls, [Symbol.asyncDispose]: stop };
};

// \`node mock.ts 9000\` runs it.
if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await start${name}(Number(process.argv[2] ?? 0))).url);
`;
};
