/** How rows are loaded from a GraphQL service by key. */
export interface RemoteLoad {
  readonly upstream: string;
  readonly by:
    | { readonly is: 'field'; readonly field: string; readonly argument: string }
    | { readonly is: 'entities'; readonly type: string };
  /** Names in the service of the key fields. */
  readonly keys: readonly string[];
  /** Maximum number of keys in one operation; null for the default. */
  readonly maxSize: number | null;
}
