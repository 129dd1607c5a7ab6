import {
  buildSchema,
  type FieldNode,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { bindBackend } from '../../../src/backend/bind/bind.ts';
import { BatchScheduler } from '../../../src/backend/bind/key-loader.ts';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Bindings, GraphModule } from '../../../src/execution/graph.ts';
import { leafOf } from '../../../src/execution/plan/leaf-types.ts';
import type { Field, Plan, Selection, Shape, Values } from '../../../src/execution/plan/plan.ts';
import { resultCreator } from '../../../src/execution/plan/row-codegen.ts';
import { PlanExecution } from '../../../src/execution/run/plan-execution.ts';
import { ANONYMOUS } from '../../../src/request/request-context.ts';
import { untraced } from '../../../src/telemetry/open-trace.ts';
import { testModule } from '../modules/test-module.ts';

/** A module and its schema. */
export const graphModule = (
  name: string,
  sdl: string,
  rest: Partial<Omit<SchemaModule, 'name' | 'typeDefs'>> = {},
): GraphModule => ({ module: testModule(name, sdl, rest), schema: buildSchema(sdl) });

export const operationIn = (text: string): OperationDefinitionNode => {
  const [operation] = parse(text).definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('Not an operation.');
  return operation;
};

/** The root fields of an operation, as nodes. */
export const nodesIn = (text: string): FieldNode[] =>
  operationIn(text).selectionSet.selections.filter((node) => node.kind === 'Field');

const shapeOf = (type: GraphQLOutputType, selection: Selection | undefined): Shape => {
  if (isNonNullType(type)) return { ...shapeOf(type.ofType, selection), nonNull: true };
  if (isListType(type)) return { nonNull: false, is: 'list', item: shapeOf(type.ofType, selection) };
  if (isLeafType(type)) return leafOf(type);
  if (selection === undefined) throw new Error(`A field of type ${type} needs a selection or a shape.`);
  return { nonNull: false, is: 'object', selection };
};

/** A property of its row, unless `more` says otherwise. `selection` is the one below it. */
export const fieldOf = (
  module: GraphModule,
  coordinate: string,
  { selection, ...more }: Partial<Field> & { readonly selection?: Selection } = {},
): Field => {
  const [type = '', name = ''] = coordinate.split('.');
  const parent = module.schema.getType(type);
  const definition = isObjectType(parent) ? parent.getFields()[name] : undefined;
  if (!isObjectType(parent) || definition === undefined) throw new Error(`${coordinate} does not exist.`);
  return {
    key: name,
    name,
    module,
    parent,
    definition,
    nodes: nodesIn(`{ ${name} }`),
    args: { are: 'none' },
    shape: more.shape ?? shapeOf(definition.type, selection),
    read: { is: 'property' },
    guard: null,
    limit: null,
    mayBeAbsent: false,
    joins: null,
    ...more,
  };
};

/** A selection of one module, without joins. */
export const selectionOf = (module: GraphModule, type: string, fields: readonly Field[]): Selection => {
  const answers = new Map(fields.map((field) => [field.key, field]));
  return {
    type,
    answers,
    createResult: resultCreator(answers, Number.POSITIVE_INFINITY),
    own: { module, fields, otherFields: fields, copyPlainFields: () => false, hidden: [] },
    joins: [],
    references: null,
  };
};

export const planOf = (fields: readonly Field[], more: Partial<Plan> = {}): Plan => ({
  operation: operationIn('{ __typename }'),
  fragments: {},
  answers: new Map(fields.map((field) => [field.key, field])),
  createResult: () => Object.fromEntries(fields.map(({ key }) => [key, null])),
  variablesOf: () => [],
  fields: () => fields.length,
  ...more,
});

/** Bindings of one anonymous request to modules without upstreams. The execution budget is unlimited. */
export const bindingsOf = (modules: readonly GraphModule[], more: Partial<Bindings> = {}): Bindings => {
  const request: Bindings['request'] = {
    requestId: 'r',
    principal: ANONYMOUS,
    headers: {},
    clientAddress: '127.0.0.1',
    deadline: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    trace: untraced(),
  };
  const scheduler = new BatchScheduler();
  const bound = new Map(
    modules.map(({ module }) => [
      module.name,
      bindBackend({ module, upstreams: {} }, request, { scheduler, clock: systemClock }),
    ]),
  );
  return {
    request,
    budget: { take: () => null, look: () => null },
    bound: (name) => {
      const backend = bound.get(name);
      if (backend === undefined) throw new Error(`Unknown module "${name}".`);
      return backend;
    },
    renew: () => {},
    ...more,
  };
};

/** An execution of a plan of these fields, and a promise of its end: all steps are done, or a bug was thrown. */
export const executionOf = (
  fields: readonly Field[],
  { variables = {}, plan = {}, ...more }: Partial<Bindings> & { variables?: Values; plan?: Partial<Plan> } = {},
) => {
  const bug = Promise.withResolvers<never>();
  const bindings = bindingsOf([...new Set(fields.map(({ module }) => module))], more);
  const execution = new PlanExecution(
    planOf(fields, plan),
    bindings,
    { sent: variables, coerced: variables },
    bug.reject,
  );
  return {
    execution,
    perform: (work: () => void): Promise<void> =>
      Promise.race([bug.promise, new Promise<void>((resolve) => execution.perform(work, resolve))]),
  };
};
