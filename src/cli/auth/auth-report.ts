import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { ConfigurationError } from '../../core/errors.ts';
import { accessChanges } from '../../graph/access/access-changes.ts';
import { type AccessRow, accessReport } from '../../graph/access/access-report.ts';
import { accessTable, changesTable } from '../../graph/access/access-table.ts';
import { routeAccess } from '../../graph/access/route-access.ts';
import { errorMessage, UsageError } from '../command/exit-code.ts';
import { readGraph } from '../explain/read-graph.ts';

export interface AuthReportOptions {
  readonly json: boolean;
  /** Folder of modules, or file with a report as JSON, to compare with; null for no comparison. */
  readonly against: string | null;
}

export interface AuthReport {
  readonly text: string;
  /** What more callers have access to than before. */
  readonly widened: readonly string[];
}

const Report = z.object({
  access: z.array(z.object({ at: z.string(), access: z.array(z.array(z.string())) })),
});

type Compared = z.infer<typeof Report>['access'];

const rowsOf = async (env: NodeJS.ProcessEnv): Promise<readonly AccessRow[]> => {
  const { graph, composition } = await readGraph(env);
  const routes = routeAccess(composition.modules.map(({ module }) => module));
  return [...accessReport(graph.schema, composition.authorization), ...routes];
};

const rowsIn = (file: string): Compared => {
  try {
    return Report.parse(JSON.parse(readFileSync(file, 'utf8'))).access;
  } catch (error) {
    throw new ConfigurationError(`${file} is no report of \`tributary auth report --json\`:`, [errorMessage(error)]);
  }
};

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${errorMessage(error)}`);
  }
};

/**
 * Returns who can reach which field and route of SCHEMA_DIR's modules, or what has changed since another report.
 *
 * @throws ConfigurationError for invalid modules, settings and reports
 */
export const authReport = async ({ json, against }: AuthReportOptions, env: NodeJS.ProcessEnv): Promise<AuthReport> => {
  const rows = await rowsOf(env);
  if (against === null)
    return { text: json ? JSON.stringify({ access: rows }, null, 2) : accessTable(rows), widened: [] };
  // The other modules need not meet a default that is new.
  const other = isFolder(against)
    ? await rowsOf({ ...env, SCHEMA_DIR: against, AUTH_DEFAULT: 'allow' })
    : rowsIn(against);
  const changes = accessChanges(other, rows);
  const table = changes.length === 0 ? 'Access is the same.' : changesTable(changes);
  return {
    text: json ? JSON.stringify({ changes }, null, 2) : table,
    widened: changes.filter(({ is }) => is === 'widened').map(({ at }) => at),
  };
};
