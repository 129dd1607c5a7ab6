import type { Batch } from '../define/batch.ts';
import type { AsItIs, LoaderKey, LoaderValue } from '../define/loaded.ts';
import type { Misfit } from './misfit.ts';
import type { Problem, ProblemIf } from './problem.ts';

type FieldsIn<Key> = Key extends readonly (infer Field)[] ? Field & string : Key & string;

type Part<Parent, Field> = Field extends keyof Parent ? NonNullable<Parent[Field]> : never;

/** The reason for which a parent's key does not fit the loader; never for a valid key. */
type MisfitOfKey<Parent, Key, Wanted> = Key extends (parent: never) => infer Made
  ? Misfit<NonNullable<Made>, Wanted, 'its key'>
  : [Exclude<FieldsIn<Key>, keyof Parent>] extends [never]
    ? Key extends string
      ? Misfit<Part<Parent, Key>, Wanted, Key>
      : [Wanted] extends [object]
        ? Misfit<{ readonly [Field in FieldsIn<Key>]: Part<Parent, Field> }, Wanted, 'its key'>
        : 'its key is an object, not a scalar'
    : `the parent has no ${Exclude<FieldsIn<Key>, keyof Parent>}`;

type Given<Loaders, Name extends keyof Loaders, Result> = Result extends AsItIs ? LoaderValue<Loaders[Name]> : Result;

/** The reason for which a field cannot be loaded; `unknown` for a valid field. */
export type CheckedLoaded<
  At extends string,
  Loaders,
  Parent,
  Want,
  Name extends string,
  Key,
  Result,
  Known,
> = Name extends keyof Loaders
  ? Loaders[Name] extends Batch<never, unknown> // any other value is reported at the loader
    ? ProblemIf<
        [MisfitOfKey<Parent, Key, LoaderKey<Loaders[Name]>>] extends [never]
          ? Misfit<Given<Loaders, Name, Result>, Want, '', Known>
          : MisfitOfKey<Parent, Key, LoaderKey<Loaders[Name]>>,
        `${At}: loaded('${Name}'): `
      >
    : unknown
  : Problem<`${At}: unknown loader ${Name}`>;
