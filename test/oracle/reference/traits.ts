import type { Model } from '../modules/model.ts';

/** Properties of fields that the modules of the reference do not have. */
export interface Traits {
  /** Names of the modules whose fields a GraphQL service provides. */
  readonly services: ReadonlySet<string>;
  /** Fields with the resolver of an interface: `a V1.f2`. */
  readonly inherited: ReadonlySet<string>;
}

export const traitsOf = ({ modules }: Model): Traits => ({
  services: new Set(modules.flatMap(({ name, isService }) => (isService ? [name] : []))),
  inherited: new Set(
    modules.flatMap(({ name, abstracts }) =>
      abstracts.flatMap(({ shared, members }) =>
        shared === null
          ? []
          : members
              .filter((member) => !shared.own.includes(member))
              .map((member) => `${name} ${member}.${shared.field}`),
      ),
    ),
  ),
});
