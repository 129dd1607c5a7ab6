// What a declaration in a generated file cannot be called: words of the language, what the file itself uses, and the
// globals that a field's type may be written with.
const TAKEN = [
  'any as asserts async await bigint boolean break case catch class const continue debugger default delete do else',
  'enum export extends false finally for function if implements import in infer instanceof interface is keyof let never new',
  'null number object package private protected public readonly return static string super switch symbol this throw',
  'true try typeof undefined unique unknown var void while with yield Schema Source Rows Date URL Uint8Array',
].join(' ');

/** Gives out names of declarations, each once. */
export interface Names {
  /** `wanted`; with `suffix` behind it, as often as it takes, where that was given out before or cannot be used. */
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
