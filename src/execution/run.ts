import { getArgumentValues, getVariableValues } from 'graphql';
import type { BoundBackend } from '../backend/bind.ts';
import { asError, Failure } from './failure.ts';
import type { Bindings, GraphModule, Guard } from './graph.ts';
import { coercing, inputError } from './input-error.ts';
import { ownArguments } from './own-arguments.ts';
import type { Field, Out, Plan, Selection, Values } from './plan.ts';

/** Something that goes on once the promises that are settled now have all been heard. */
export interface Waiting {
  proceed(): void;
}

/** Unwinds what runs when the budget is spent. Whoever gave it tells the client. */
const SPENT = Symbol('the budget is spent');

/** How many rows may be read between two looks at the clock. */
const STRIDE = 256;

const NONE: Values = Object.freeze({});

/** One execution of a plan: what is made, and what is still to come. */
export class Run {
  readonly plan: Plan;
  readonly bindings: Bindings;
  /** Variables as the client sent them. */
  readonly sent: Values;
  /** The answer, while it is made. */
  readonly data: Out;
  /** How many values of the answer failed. */
  failures = 0;
  /** By what selection an object of an abstract type was made. */
  readonly selections = new Map<Out, Selection>();
  readonly #coerced: Values;
  readonly #crash: (error: unknown) => void;
  readonly #arguments = new Map<Field, Values>();
  readonly #refusals = new Map<Field, Error | null>();
  readonly #variables = new Map<GraphModule, Values>();
  readonly #owned = new Set<unknown>();
  #whenIdle: () => void = () => {};
  #pending = 0;
  #rowsRead = 0;
  #isOver = false;
  #waiting: Waiting[] = [];

  /** `crash` is told of what is a mistake of ours, and of nobody else. */
  constructor(
    plan: Plan,
    bindings: Bindings,
    variables: { readonly sent: Values; readonly coerced: Values },
    crash: (error: unknown) => void,
  ) {
    this.plan = plan;
    this.bindings = bindings;
    this.sent = variables.sent;
    this.#coerced = variables.coerced;
    this.#crash = crash;
    this.data = plan.open();
  }

  backend({ module }: GraphModule): BoundBackend {
    return this.bindings.bound(module.name);
  }

  /** Does something, and calls back when all that came of it is done. */
  perform(work: () => void, whenIdle: () => void): void {
    this.#whenIdle = whenIdle;
    this.wait();
    this.resume(work);
  }

  /** Notes that something is still to come; `resume` is to be called for it, once. */
  wait(): void {
    this.#pending += 1;
  }

  /** Goes on with what was waited for. */
  resume(work: () => void): void {
    if (this.#isOver) return;
    try {
      work();
      this.#pending -= 1;
      if (this.#pending === 0) this.#whenIdle();
    } catch (error) {
      this.#isOver = true;
      if (error !== SPENT) this.#crash(error);
    }
  }

  /** Lets something proceed together with all that is settled at the same time. */
  soon(waiting: Waiting): void {
    if (this.#waiting.push(waiting) === 1) process.nextTick(this.#proceed);
  }

  readonly #proceed = (): void => {
    const all = this.#waiting;
    this.#waiting = [];
    for (const one of all) this.resume(() => one.proceed());
  };

  /** What stands for a value of a field that failed. */
  fail({ joins }: Field, error: unknown): Failure {
    // That is no failure of a field: nothing of this execution is left.
    if (error === SPENT) throw error;
    // What only joins read fails where they need it.
    if (joins === null) this.failures += 1;
    return error instanceof Failure ? error : new Failure(error);
  }

  /** Takes fields from the execution's budget, or ends it. */
  take(count: number): void {
    if (this.bindings.budget.take(count) !== null) throw SPENT;
  }

  /** Notes that a row is about to be read, or a failure told. Rows of a place are taken from the budget together, and at each a module may take its time. */
  takeTurn(): void {
    this.#rowsRead += 1;
    if (this.#rowsRead % STRIDE === 0 && this.bindings.budget.look() !== null) throw SPENT;
  }

  /** Each field counts in the graph and in the module that gives it, as it does in delegation. */
  takeFields(count: number): void {
    this.take(2 * count);
  }

  /** What a field was asked with. Throws a GraphQLError for what only the variables of this request make wrong. */
  argumentsOf(field: Field): Values {
    const { args, definition, nodes, module } = field;
    if (args.are === 'known') return args.values;
    const [node] = nodes;
    if (args.are === 'none' || node === undefined) return NONE;
    const known = this.#arguments.get(field);
    if (known !== undefined) return known;
    const values = coercing(() => getArgumentValues(definition, node, this.variablesOf(module)));
    this.#arguments.set(field, values);
    return values;
  }

  /** A field's arguments for a resolver that may change them. */
  ownArguments(args: Values): Values {
    return ownArguments(args, this.#owned);
  }

  /** The variables as a module's own types take them: its enums and scalars may know values by other names. */
  variablesOf(module: GraphModule): Values {
    const known = this.#variables.get(module);
    if (known !== undefined) return known;
    // Default values in them are the schema's.
    const variables = ownArguments(this.#coercedFor(module));
    this.#variables.set(module, variables);
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
   * Asks whether a field may be fetched: at once where that is known, else later. Null says yes. What stands against it is that its
   * arguments are wrong, or that the caller may not have it.
   */
  decide(field: Field, decided: (refusal: Error | null) => void): void {
    const known = isOpen(field) ? null : this.#refusals.get(field);
    if (known !== undefined) {
      decided(known);
      return;
    }
    const settle = (refusal: Error | null): void => {
      this.#refusals.set(field, refusal);
      decided(refusal);
    };
    const refuse = (error: unknown): void => settle(asError(error));
    let refusal: ReturnType<Guard> = null;
    try {
      const args = this.argumentsOf(field);
      refusal = field.guard?.(this.bindings.request, this.ownArguments(args)) ?? null;
    } catch (error) {
      refuse(error);
      return;
    }
    if (!(refusal instanceof Promise)) {
      settle(refusal);
      return;
    }
    this.wait();
    refusal.then(
      (late) => this.resume(() => settle(late)),
      (error) => this.resume(() => refuse(error)),
    );
  }
}

/** Whether nothing can stand against a field. */
export const isOpen = ({ guard, args }: Field): boolean => guard === null && args.are !== 'variable';
