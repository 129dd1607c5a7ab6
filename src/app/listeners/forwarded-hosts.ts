import type { SchemaModule } from '../../backend/define/module.ts';
import type { UpstreamDefinition } from '../../backend/define/upstream-options.ts';
import type { HttpForward } from '../../backend/forward/forward-options.ts';

/** The option that passes on the host of the client; null for none. */
const hostOption = ({ forward }: UpstreamDefinition): string | null => {
  const { host, client }: HttpForward = forward ?? {};
  if (host === true) return 'forward.host';
  return Array.isArray(client) && client.includes('x-forwarded-host') ? 'forward.client' : null;
};

/**
 * Returns a problem for each upstream that receives the host of the client in a gateway that answers for any host: a
 * client could then write any name into links that the backend makes of it.
 */
export const forwardedHostProblems = (
  modules: readonly SchemaModule[],
  publicHosts: readonly string[],
): readonly string[] =>
  publicHosts.length > 0
    ? []
    : modules.flatMap(({ name, upstreams }) =>
        Object.entries(upstreams).flatMap(([upstream, definition]) => {
          const option = hostOption(definition);
          return option === null
            ? []
            : `PUBLIC_HOSTS: is required by ${option} of ${name}.${upstream}: set it to the hosts of this gateway`;
        }),
      );
