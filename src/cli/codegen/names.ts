// Names that a declaration in a generated file must not have: keywords, names that the file itself uses, and globals in
// types of fields.
const TAKEN = [
  'any as asserts async await bigint boolean break case catch class const continue debugger default delete do else',
  'enum export extends false finally for function if implements import in infer instanceof interface is keyof let never new',
  'null number object package private protected public readonly return static string super switch symbol this throw',
  'true try typeof undefined unique unknown var void while with yield Schema Source Rows Date URL Uint8Array',
].join(' ');

/** Allocates unique names for declarations. */
export interface Names {
  /** Returns `wanted`, followed by `suffix` as often as necessary if the name is taken. */
  give(wanted: string, suffix: string): string;
}

export const createNames = (): Names => {
  const taken = new Set(TAKEN.split(' '));
  return {
    give: (wanted, suffix) => {
      let name = wanted;
      while (taken.has(name)) name += suffix;
      taken.add(name);
      return name;
    },
  };
};
