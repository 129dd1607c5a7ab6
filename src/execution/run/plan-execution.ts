import { getArgumentValues, getVariableValues } from 'graphql';
import type { BoundBackend } from '../../backend/bind/bind.ts';
import type { Bindings, Decision, GraphModule } from '../graph.ts';
import { coercing, inputError } from '../input-error.ts';
import type { Field, Plan, ResultObject, Selection, Values } from '../plan/plan.ts';
import { ownArguments } from './copy-arguments.ts';
import { asError, FieldFailure } from './field-failure.ts';

/** Thrown to end the execution when its budget runs out. The owner of the budget reports it to the client. */
const SPENT = Symbol('the execution budget ran out');

/** Rows read between two checks of the time. */
const STRIDE = 256;

const NONE: Values = Object.freeze({});

/** One execution of a plan: the response so far, and the number of pending steps. */
export class PlanExecution {
  readonly plan: Plan;
  readonly bindings: Bindings;
  /** Variables as the client sent them. */
  readonly sent: Values;
  /** The response so far. */
  readonly data: ResultObject;
  /** Number of failed values in the response. */
  failures = 0;
  /** Selections of the result objects of abstract types. */
  readonly selections = new Map<ResultObject, Selection>();
  readonly #outer: PlanExecution | null;
  readonly #coerced: Values;
  readonly #onInternalError: (error: unknown) => void;
  // perf: P17
  // Made for their first entry: most operations have no arguments from variables.
  #arguments: Map<Field, Values> | null = null;
  #decisions: Map<Field, Decision> | null = null;
  #variables: Map<GraphModule, Values> | null = null;
  /** Values of variables. They belong to this request, so that they are not copied for resolvers. */
  #owned: Set<unknown> | null = null;
  #whenIdle: () => void = () => {};
  #pending = 0;
  #rowsRead = 0;
  #isOver = false;
  #deferred: (() => void)[] = [];

  /**
   * `onInternalError` receives bugs of the executor. Errors of resolvers never reach it. `outer` is the execution that
   * waits for this one.
   */
  constructor(
    plan: Plan,
    bindings: Bindings,
    variables: { readonly sent: Values; readonly coerced: Values },
    onInternalError: (error: unknown) => void,
    outer: PlanExecution | null = null,
  ) {
    this.#outer = outer;
    this.plan = plan;
    this.bindings = bindings;
    this.sent = variables.sent;
    this.#coerced = variables.coerced;
    this.#onInternalError = onInternalError;
    this.data = plan.createResult();
  }

  backend({ module }: GraphModule): BoundBackend {
    return this.bindings.bound(module.name);
  }

  /** Runs `work` and calls `whenIdle` once no step is pending. */
  perform(work: () => void, whenIdle: () => void): void {
    this.#whenIdle = whenIdle;
    this.addPending();
    this.resume(work);
  }

  /** Runs `work` in an execution of its own, and calls `whenIdle` once none of the steps that it started is pending. */
  separately(work: (execution: PlanExecution) => void, whenIdle: () => void): void {
    const variables = { sent: this.sent, coerced: this.#coerced };
    const separate = new PlanExecution(this.plan, this.bindings, variables, this.#onInternalError, this);
    this.addPending();
    separate.perform(
      () => work(separate),
      () => this.resume(whenIdle),
    );
  }

  /** Adds a pending step. `resume` must be called for it, once. */
  addPending(): void {
    this.#pending += 1;
  }

  /** Runs the continuation of a pending step. */
  resume(work: () => void): void {
    if (this.#isOver) return;
    try {
      work();
      this.#pending -= 1;
      if (this.#pending === 0) this.#whenIdle();
    } catch (error) {
      this.#isOver = true;
      if (error !== SPENT) this.#onInternalError(error);
    }
  }

  /** Resumes a task after all promises settled in this tick have been delivered, with all others that became ready. */
  defer(task: () => void): void {
    if (this.#deferred.push(task) === 1) process.nextTick(this.#proceed);
  }

  readonly #proceed = (): void => {
    const all = this.#deferred;
    this.#deferred = [];
    for (const one of all) this.resume(one);
  };

  /** Counts a failed value of a field and returns its FieldFailure. */
  fail({ joins }: Field, error: unknown): FieldFailure {
    // Not a failure of one field: the whole execution ends.
    if (error === SPENT) throw error;
    // A failed join input is counted at the fields that need it.
    if (joins === null) this.failures += 1;
    return error instanceof FieldFailure ? error : new FieldFailure(error);
  }

  /** Takes values from the execution budget, or ends the execution. */
  take(count: number): void {
    if (this.bindings.budget.take(count) !== null) throw SPENT;
  }

  /**
   * Counts a row to read or an error to create, and checks the time every 256 of them. `take` is not enough: it is called
   * for all rows of a selection together, and a module may spend time on each.
   */
  takeTurn(): void {
    if (this.#outer !== null) {
      this.#outer.takeTurn();
      return;
    }
    this.#rowsRead += 1;
    if (this.#rowsRead % STRIDE === 0 && this.bindings.budget.look() !== null) throw SPENT;
  }

  /** Takes fields of the operation. Each counts twice, in the graph and in its module, as in delegation. */
  takeFields(count: number): void {
    this.take(2 * count);
  }

  /** Returns the arguments of a field. Throws a GraphQLError if variables of this request make them invalid. */
  argumentsOf(field: Field): Values {
    const { args, definition, nodes, module } = field;
    if (args.are === 'constant') return args.values;
    const [node] = nodes;
    if (args.are === 'none' || node === undefined) return NONE;
    const known = this.#arguments?.get(field);
    if (known !== undefined) return known;
    const values = coercing(() => getArgumentValues(definition, node, this.variablesOf(module)));
    this.#arguments ??= new Map();
    this.#arguments.set(field, values);
    return values;
  }

  /** Copies a field's arguments for a resolver that may change them. */
  ownArguments(args: Values): Values {
    return ownArguments(args, this.#owned ?? undefined);
  }

  /** Returns the variables, coerced by the types of a module: its enums and scalars may have internal values. */
  variablesOf(module: GraphModule): Values {
    const known = this.#variables?.get(module);
    if (known !== undefined) return known;
    // Default values belong to the schema and must be copied.
    const variables = ownArguments(this.#coercedFor(module));
    this.#variables ??= new Map();
    this.#variables.set(module, variables);
    this.#owned ??= new Set();
    for (const value of Object.values(variables)) if (typeof value === 'object') this.#owned.add(value);
    return variables;
  }

  #coercedFor(module: GraphModule): Values {
    const own = this.plan.variablesOf(module);
    if (own.length === 0) return this.#coerced;
    const { errors, coerced } = getVariableValues(module.schema, own, this.sent);
    if (errors?.[0] !== undefined) throw inputError(errors[0]);
    return { ...this.#coerced, ...coerced };
  }

  /**
   * Decides whether a field may be executed, and calls `decided` with null, the guard of its rows, or the error: invalid
   * arguments, or a refusal by the guard. The call is synchronous unless the guard returns a promise.
   */
  decide(field: Field, decided: (decision: Decision) => void): void {
    const known = needsNoDecision(field) ? null : this.#decisions?.get(field);
    if (known !== undefined) {
      decided(known);
      return;
    }
    const finish = (decision: Decision): void => {
      this.#decisions ??= new Map();
      this.#decisions.set(field, decision);
      decided(decision);
    };
    const refuse = (error: unknown): void => finish(asError(error));
    let decision: Decision | Promise<Decision>;
    try {
      decision = this.#decisionOf(field);
    } catch (error) {
      refuse(error);
      return;
    }
    if (!(decision instanceof Promise)) {
      finish(decision);
      return;
    }
    this.addPending();
    decision.then(
      (late) => this.resume(() => finish(late)),
      (error) => this.resume(() => refuse(error)),
    );
  }

  #decisionOf(field: Field): Decision | Promise<Decision> {
    const args = this.argumentsOf(field);
    const { guard, nodes } = field;
    const [node] = nodes;
    if (guard === null || node === undefined) return null;
    const { variableDefinitions: definitions = [] } = this.plan.operation;
    return guard(this.bindings, { node, args: this.ownArguments(args), sent: this.sent, definitions });
  }

  /** Decides on several fields, and calls `decided` with the refused ones. Synchronous unless a guard is not. */
  decideAll(fields: readonly Field[], decided: (refused: ReadonlySet<Field>) => void): void {
    const refused = new Set<Field>();
    let left = fields.length;
    if (left === 0) decided(refused);
    for (const field of fields)
      this.decide(field, (decision) => {
        if (decision instanceof Error) refused.add(field);
        left -= 1;
        if (left === 0) decided(refused);
      });
  }
}

/** True if a field needs no decision: it has neither a guard nor arguments from variables. */
export const needsNoDecision = ({ guard, args }: Field): boolean => guard === null && args.are !== 'variable';
