import type { GraphQLResolveInfo } from 'graphql';
import type { SelectingInfo } from '../../backend/field-mask/selected-rows.ts';
import type { Field, ResultObject } from '../plan/plan.ts';
import { selectedRows } from '../plan/selected-rows.ts';
import { FieldFailure } from './field-failure.ts';
import type { PlanExecution } from './plan-execution.ts';

type Path = GraphQLResolveInfo['path'];

/**
 * Position of a result object or list in the response: its container and its key there. The response itself has no
 * container.
 */
interface ResponsePosition {
  readonly container: unknown;
  readonly key: string | number | null;
}

type Positions = Map<unknown, ResponsePosition>;

const ROOT: ResponsePosition = { container: null, key: null };

const known = new WeakMap<PlanExecution, Positions>();

/** Finds the positions of all objects and lists that the response has so far. */
const positionsIn = (execution: PlanExecution): Positions => {
  const positions: Positions = new Map([[execution.data, ROOT]]);
  // The map grows during the loop.
  for (const container of positions.keys())
    for (const [key, value] of Object.entries(Object(container)))
      if (typeof value === 'object' && value !== null && !(value instanceof FieldFailure))
        positions.set(value, { container, key: Array.isArray(container) ? Number(key) : key });
  return positions;
};

/**
 * Returns the position of a result object. The first call computes all positions of the response, because other rows are
 * likely to follow.
 */
const positionOf = (execution: PlanExecution, result: ResultObject): ResponsePosition => {
  const before = known.get(execution)?.get(result);
  if (before !== undefined) return before;
  const positions = positionsIn(execution);
  // A result object may not be part of the response yet.
  const position = positions.get(result) ?? ROOT;
  known.set(execution, positions.set(result, position));
  return position;
};

const pathTo = (execution: PlanExecution, result: ResultObject): Path | undefined => {
  const keys: (string | number)[] = [];
  for (
    let position = positionOf(execution, result);
    position.key !== null;
    position = known.get(execution)?.get(position.container) ?? ROOT
  )
    keys.unshift(position.key);
  return keys.reduce<Path | undefined>((prev, key) => ({ prev, key, typename: undefined }), undefined);
};

/** The `info` argument of a resolver. */
export class FieldInfo implements SelectingInfo {
  readonly #execution: PlanExecution;
  readonly #field: Field;
  readonly #result: ResultObject;

  constructor(execution: PlanExecution, field: Field, result: ResultObject) {
    this.#execution = execution;
    this.#field = field;
    this.#result = result;
  }

  get fieldName() {
    return this.#field.name;
  }

  get fieldNodes() {
    return this.#field.nodes;
  }

  get returnType() {
    return this.#field.definition.type;
  }

  get parentType() {
    return this.#field.parent;
  }

  get path(): Path {
    // Join inputs have no position in the response.
    const prev = this.#field.joins === null ? pathTo(this.#execution, this.#result) : undefined;
    return { prev, key: this.#field.key, typename: this.#field.parent.name };
  }

  get schema() {
    return this.#field.module.schema;
  }

  get fragments() {
    return this.#execution.plan.fragments;
  }

  get rootValue() {
    return undefined;
  }

  get operation() {
    return this.#execution.plan.operation;
  }

  get variableValues() {
    return this.#execution.variablesOf(this.#field.module);
  }

  get selecting() {
    const { module, schema } = this.#field.module;
    return { module, schema, rows: () => selectedRows(this.#field) };
  }
}
