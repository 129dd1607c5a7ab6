import { discoverModules } from '../../app/discover-modules.ts';
import { limitsOf } from '../../app/limits.ts';
import { readConfig, schemaDir } from '../../config/settings.ts';
import { ConfigurationError } from '../../core/errors.ts';
import { type ComposedGraph, composeGraph } from '../../graph/build-gateway.ts';
import { StaticCosts } from '../../graph/limits/cost/static-costs.ts';
import type { DocumentLimits } from '../../graph/limits/document-limits.ts';

export interface ReadGraph extends ComposedGraph {
  readonly limits: DocumentLimits;
  readonly costs: StaticCosts;
}

/**
 * Reads the graph of SCHEMA_DIR's modules, with the limits of this environment. Opens no connections.
 *
 * @throws ConfigurationError with all problems of the modules or of the configuration.
 */
export const readGraph = async (env: NodeJS.ProcessEnv): Promise<ReadGraph> => {
  const { modules, problems } = await discoverModules(schemaDir(env));
  if (problems.length > 0) throw new ConfigurationError('The schema modules cannot be loaded:', problems);
  // Endpoints of upstreams are not needed.
  const { settings } = readConfig(env, []);
  const composed = composeGraph(modules, { authDefault: settings.AUTH_DEFAULT });
  return {
    ...composed,
    costs: new StaticCosts(composed.graph.schema, composed.composition.costs, settings.DEFAULT_LIST_SIZE),
    limits: limitsOf(settings, null).documents,
  };
};
