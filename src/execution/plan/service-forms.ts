import type { Refused } from '../../backend/remote/service-selection.ts';

/** Maximum number of forms of one selection that are kept. Callers with the same permissions share a form. */
const MAX_FORMS = 16;

/**
 * A selection of a GraphQL service in its forms: complete, and without the fields that a caller is refused. `Source` is
 * the type of the sources of the requested fields.
 */
export class ServiceForms<Form extends { readonly sources: readonly object[] }, Source extends object> {
  readonly #compile: (refused: Refused) => Form;
  readonly #kept = new Map<string, Form>();
  #complete: Form | null = null;

  /** `compile` is called when a form is requested for the first time. */
  constructor(compile: (refused: Refused) => Form) {
    this.#compile = compile;
  }

  get complete(): Form {
    this.#complete ??= this.#compile(new Set());
    return this.#complete;
  }

  /** Fields that are left out for a caller without access to them. */
  get refusable(): readonly Source[] {
    return this.complete.sources as readonly Source[]; // the compiler collects sources without their type
  }

  without(refused: ReadonlySet<Source>): Form {
    if (refused.size === 0) return this.complete;
    const name = this.refusable.flatMap((field, at) => (refused.has(field) ? [at] : [])).join(' ');
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const form = this.#compile(refused);
    if (this.#kept.size < MAX_FORMS) this.#kept.set(name, form);
    return form;
  }
}
