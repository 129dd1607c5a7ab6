/** What an importer writes to a module's folder. */
export interface ImportedFolder {
  readonly name: string;
  readonly title: string;
  /** The SDL without a header, and without the types in `owned`, which the author defines. */
  sdl(owned: ReadonlySet<string>): string;
  /** The text of imported.generated.ts. */
  code(header: string): string;
  /** Files that the author may edit, by name. The import replaces unedited ones. */
  readonly own: Readonly<Record<string, string>>;
  /** Files of the contract that the module reads, by their path in the folder. */
  readonly copies: ReadonlyMap<string, string>;
  /** What each operation becomes. */
  readonly operations: readonly { readonly operation: string; readonly becomes: string }[];
  /** Operations that are not imported, each with the reason. */
  readonly skipped: readonly { readonly operation: string; readonly reason: string }[];
  /** Names that were taken, by the names of the types in their place. Only types that a loader loads by key. */
  readonly avoided: ReadonlyMap<string, string>;
  readonly counts: FieldCounts;
  /** Names of the environment variables with the addresses of the upstreams. */
  readonly variables: readonly string[];
  /** Names of the environment variables with the secrets of the upstreams. Default: none. */
  readonly secrets?: readonly string[];
}

export interface FieldCounts {
  readonly types: number;
  /** Fields and arguments. */
  readonly all: number;
  /** Those with the type JSON. */
  readonly json: number;
  /** Of these, those for which the contract allows any value. */
  readonly byContract: number;
}
