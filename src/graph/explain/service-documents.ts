import { rowDocument } from '../../backend/remote/remote-rows.ts';
import { servicesOf } from '../../backend/remote/service.ts';
import type { GraphModule } from '../../execution/graph.ts';
import type { Field, Join, Select } from '../../execution/plan/plan.ts';
import { batchesOf } from '../check/stub-clients.ts';

const documentOfLoader = (
  { module, schema }: GraphModule,
  { loader, select }: { readonly loader: string; readonly select: Select },
): string | null => {
  const load = batchesOf(module)[loader]?.remote;
  const services = load === undefined ? null : servicesOf(module, schema);
  if (load === undefined || services === null) return null;
  return rowDocument(services.get(load.upstream), load, select(load.upstream).complete);
};

/** The document that a field requests of a GraphQL service; null for any other field. */
export const documentOfField = ({ read, module }: Field): string | null => {
  if (read.is === 'remote') return read.forms.complete.operation.document;
  return read.is === 'loaded' ? documentOfLoader(module, read) : null;
};

/** The document by which a join loads entities of a GraphQL service; null for any other join. */
export const documentOfJoin = ({ load, module }: Join): string | null =>
  load === null ? null : documentOfLoader(module, load);
