import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { stageOf } from './dockerfile.ts';
import { freePort } from './ports.ts';
import { ROOT } from './processes.ts';

const Strings = z.array(z.string());
const Service = z.object({
  build: z.object({ target: z.string() }).optional(),
  command: Strings.optional(),
  environment: z.record(z.string(), z.string()).default({}),
  network_mode: z.string().optional(),
  healthcheck: z.object({ test: Strings }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
});
const Compose = z.object({ services: z.record(z.string(), Service) });

/** A service of docker-compose.yml, run as a local process. */
export interface LocalService {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Exits with 0 once the service is healthy. */
  readonly health: readonly string[];
  /** Services that must be healthy before this one is started. */
  readonly needs: readonly string[];
}

/** Services with names and ports that are local instead of their containers'. */
export interface LocalCompose {
  readonly services: readonly LocalService[];
  /** Local port for a port of a container. Equal arguments return equal ports. */
  portOf(service: string, containerPort: number): Promise<number>;
}

/**
 * The services of docker-compose.yml. Commands, environments and health checks that the file omits come from the
 * images. A container's port becomes a free port of 127.0.0.1, and so does `<service>:<port>`.
 */
export const localCompose = async (): Promise<LocalCompose> => {
  const { services } = Compose.parse(parse(read('docker-compose.yml'), { merge: true }));
  const portOf = portMap();
  const local = Object.entries(services).map(async ([name, service]): Promise<LocalService> => {
    const image = service.build ? stageOf(read('Dockerfile'), service.build.target) : null;
    const [, ...health] = service.healthcheck?.test ?? ['CMD', ...(image?.health ?? [])];
    // Another service with this one's network has its ports.
    const network = service.network_mode?.replace(/^service:/, '') ?? name;
    const here = (text: string) => localise(text, network, Object.keys(services), portOf);
    const env = Object.entries({ ...image?.env, ...service.environment });
    return {
      name,
      command: await Promise.all(
        [...(image?.entrypoint ?? []), ...(service.command ?? image?.command ?? [])].map(here),
      ),
      env: Object.fromEntries(await Promise.all(env.map(async ([variable, value]) => [variable, await here(value)]))),
      health: await Promise.all(health.map(here)),
      needs: Object.keys(service.depends_on),
    };
  });
  return { services: await Promise.all(local), portOf };
};

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const portMap = (): LocalCompose['portOf'] => {
  const ports = new Map<string, Promise<number>>();
  return (service, containerPort) => {
    const key = `${service}:${containerPort}`;
    const port = ports.get(key) ?? freePort();
    ports.set(key, port);
    return port;
  };
};

const localise = async (
  text: string,
  self: string,
  names: readonly string[],
  portOf: LocalCompose['portOf'],
): Promise<string> => {
  const pattern = new RegExp(String.raw`(?:\b(${names.join('|')}):)?\b(\d{4})\b`, 'g');
  let local = '';
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [whole, service, port] = match;
    const here = await portOf(service ?? self, Number(port));
    local += text.slice(end, match.index) + (service === undefined ? here : `127.0.0.1:${here}`);
    end = match.index + whole.length;
  }
  return (local + text.slice(end)).replaceAll('0.0.0.0', '127.0.0.1');
};
