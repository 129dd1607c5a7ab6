import { Kind, parse } from 'graphql';
import type { SchemaModule } from 'tributary/backend';
import { composeGraph } from '../../../src/graph/build-gateway.ts';
import { explainer } from '../../../src/graph/explain/explain.ts';

/** The plan of a document with one operation, as text. */
export const explained = (modules: readonly SchemaModule[], text: string): string => {
  const { composition, graph } = composeGraph(modules);
  const document = parse(text);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('The document has no operation.');
  return String(explainer(graph, composition.authorization)(document, operation, {}));
};
