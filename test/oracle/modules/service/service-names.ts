import { hash } from '../../../../services-mock/hash.ts';
import type { ModuleModel } from '../model.ts';

const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation']);

/** Names of a module's types and fields in its service: every other one differs. */
export class ServiceNames {
  readonly #module: ModuleModel;

  constructor(module: ModuleModel) {
    this.#module = module;
  }

  type(name: string): string {
    return ROOTS.has(name) || !this.#differs(name) ? name : `Of${name}`;
  }

  /** The same for a name in all types: those of interfaces must agree. */
  field(name: string): string {
    return this.#differs(name) ? `its_${name}` : name;
  }

  /** The module's name of a field of the service. */
  ownField(name: string): string {
    return name.replace(/^its_/, '');
  }

  #differs(name: string): boolean {
    return hash(`${this.#module.name} ${name} in the service`) % 2 === 0;
  }
}

/** The root field of a service that loads an entity. */
export const loaderField = (loader: string): string => `by_${loader}`;
