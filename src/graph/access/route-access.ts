import type { SchemaModule } from '../../backend/define/module.ts';
import type { DeclaredRoute } from '../../backend/routes/pass.ts';
import { routeRequirement } from '../routes/route-requirement.ts';
import type { AccessRow } from './access-report.ts';
import { accessOf } from './alternatives.ts';

/** `POST /uploads`, with the conditions of the route: alternatives have different backends and requirements. */
const nameOf = (key: string, { options: { when = {} } }: DeclaredRoute): string =>
  Object.keys(when).length === 0 ? key : `${key} ${JSON.stringify(when)}`;

/** Who can use each pass-through route of valid modules. */
export const routeAccess = (modules: readonly SchemaModule[]): readonly AccessRow[] => {
  const rows = new Map<string, AccessRow>();
  for (const { name, routes = {} } of modules)
    for (const [key, declared] of Object.entries(routes))
      for (const route of [declared].flat()) {
        const at = nameOf(key, route);
        // Of two alternatives with the same conditions the first is used.
        if (rows.has(at)) continue;
        const access = accessOf(routeRequirement(name, route.options));
        rows.set(at, { at, kind: 'route', access, path: [], bypassed: null });
      }
  return [...rows.values()];
};
