// Written by `npm run codegen` from schema.graphql and ../pages.graphql. Do not edit.
import type { Source } from 'tributary/backend';

export type ThreadState = 'OPEN' | 'CLOSED';

export interface UpdateRepositoryInput {
  readonly id: string;
  /** The version that the client has read. */
  readonly version: string;
  readonly description?: string | null;
}

/** Row of a Repository: fields with a resolver of their own may be missing. */
export interface RepositorySource<Rows = {}> {
  readonly id?: string;
  /** The current name, with its owner: `ada/engine`. */
  readonly fullName?: string;
  readonly description?: string | null;
  readonly url?: URL | string;
  readonly stars?: number;
  /** Changes with the repository. */
  readonly version?: string | null;
  /** Issues and pull requests, newest first. */
  readonly threads?: Source<Rows, 'ThreadConnection', ThreadConnectionSource<Rows>>;
}

/** Row of an Issue: fields with a resolver of their own may be missing. */
export interface IssueSource<Rows = {}> {
  readonly number?: number;
  readonly title?: string;
  readonly state?: Source<Rows, 'ThreadState', ThreadState>;
  readonly url?: URL | string;
  readonly author?: Source<Rows, 'Account', AccountSource> | null;
}

/** Row of a PullRequest: fields with a resolver of their own may be missing. */
export interface PullRequestSource<Rows = {}> {
  readonly number?: number;
  readonly title?: string;
  readonly state?: Source<Rows, 'ThreadState', ThreadState>;
  readonly url?: URL | string;
  readonly author?: Source<Rows, 'Account', AccountSource> | null;
  readonly isDraft?: boolean;
  /** The changes as text, in the format of `git diff`. Costs a call for each pull request. */
  readonly diff?: string | null;
}

/** Row of an Account: fields with a resolver of their own may be missing. */
export interface AccountSource {
  readonly login?: string;
  readonly url?: URL | string;
}

/** Row of a ThreadConnection: fields with a resolver of their own may be missing. */
export interface ThreadConnectionSource<Rows = {}> {
  readonly nodes?: readonly ThreadSource<Rows>[];
  readonly edges?: readonly Source<Rows, 'ThreadEdge', ThreadEdgeSource<Rows>>[];
  readonly pageInfo?: Source<Rows, 'PageInfo', PageInfoSource>;
}

/** Row of a ThreadEdge: fields with a resolver of their own may be missing. */
export interface ThreadEdgeSource<Rows = {}> {
  readonly cursor?: string;
  readonly node?: ThreadSource<Rows>;
}

/** Row of a PageInfo: fields with a resolver of their own may be missing. */
export interface PageInfoSource {
  readonly hasNextPage?: boolean;
  readonly hasPreviousPage?: boolean;
  readonly startCursor?: string | null;
  readonly endCursor?: string | null;
}

/** Row of a Thread: `__typename` names its type. */
export type ThreadSource<Rows = {}> =
  | (Source<Rows, 'Issue', IssueSource<Rows>> & { readonly __typename: 'Issue' })
  | (Source<Rows, 'PullRequest', PullRequestSource<Rows>> & { readonly __typename: 'PullRequest' });

/** Everything that this module declares, for `defineBackend<Schema>()`. */
export interface Schema<Rows = {}> {
  readonly objects: {
    readonly Query: {
      readonly source: unknown;
      readonly fields: {
        /** The repository with this name, or a former one; null for none. */
        readonly repository: {
          readonly args: { readonly owner: string; readonly name: string };
          readonly result: Source<Rows, 'Repository', RepositorySource<Rows>> | null;
        };
        /** True if the repository still has this version. The service does not count this call. */
        readonly isCurrent: {
          readonly args: { readonly id: string; readonly version: string };
          readonly result: boolean;
        };
      };
    };
    readonly Mutation: {
      readonly source: unknown;
      readonly fields: {
        /** Fails with CONFLICT if the repository has another version by now. */
        readonly updateRepository: {
          readonly args: { readonly input: UpdateRepositoryInput };
          readonly result: Source<Rows, 'Repository', RepositorySource<Rows>>;
        };
      };
    };
    readonly Repository: {
      readonly source: Source<Rows, 'Repository', RepositorySource<Rows>>;
      readonly fields: {
        readonly id: { readonly args: {}; readonly result: string };
        readonly fullName: { readonly args: {}; readonly result: string };
        readonly description: { readonly args: {}; readonly result: string | null };
        readonly url: { readonly args: {}; readonly result: URL | string };
        readonly stars: { readonly args: {}; readonly result: number };
        readonly version: { readonly args: {}; readonly result: string | null };
        readonly threads: {
          readonly args: {
            readonly state: Source<Rows, 'ThreadState', ThreadState> | null;
            readonly first?: number | null;
            readonly after?: string | null;
          };
          readonly result: Source<Rows, 'ThreadConnection', ThreadConnectionSource<Rows>>;
        };
      };
    };
    readonly Issue: {
      readonly source: Source<Rows, 'Issue', IssueSource<Rows>>;
      readonly fields: {
        readonly number: { readonly args: {}; readonly result: number };
        readonly title: { readonly args: {}; readonly result: string };
        readonly state: { readonly args: {}; readonly result: Source<Rows, 'ThreadState', ThreadState> };
        readonly url: { readonly args: {}; readonly result: URL | string };
        readonly author: { readonly args: {}; readonly result: Source<Rows, 'Account', AccountSource> | null };
      };
    };
    readonly PullRequest: {
      readonly source: Source<Rows, 'PullRequest', PullRequestSource<Rows>>;
      readonly fields: {
        readonly number: { readonly args: {}; readonly result: number };
        readonly title: { readonly args: {}; readonly result: string };
        readonly state: { readonly args: {}; readonly result: Source<Rows, 'ThreadState', ThreadState> };
        readonly url: { readonly args: {}; readonly result: URL | string };
        readonly author: { readonly args: {}; readonly result: Source<Rows, 'Account', AccountSource> | null };
        readonly isDraft: { readonly args: {}; readonly result: boolean };
        readonly diff: { readonly args: {}; readonly result: string | null };
      };
    };
    readonly Account: {
      readonly source: Source<Rows, 'Account', AccountSource>;
      readonly fields: {
        readonly login: { readonly args: {}; readonly result: string };
        readonly url: { readonly args: {}; readonly result: URL | string };
      };
    };
    readonly ThreadConnection: {
      readonly source: Source<Rows, 'ThreadConnection', ThreadConnectionSource<Rows>>;
      readonly fields: {
        readonly nodes: { readonly args: {}; readonly result: readonly ThreadSource<Rows>[] };
        readonly edges: {
          readonly args: {};
          readonly result: readonly Source<Rows, 'ThreadEdge', ThreadEdgeSource<Rows>>[];
        };
        readonly pageInfo: { readonly args: {}; readonly result: Source<Rows, 'PageInfo', PageInfoSource> };
      };
    };
    readonly ThreadEdge: {
      readonly source: Source<Rows, 'ThreadEdge', ThreadEdgeSource<Rows>>;
      readonly fields: {
        readonly cursor: { readonly args: {}; readonly result: string };
        readonly node: { readonly args: {}; readonly result: ThreadSource<Rows> };
      };
    };
    readonly PageInfo: {
      readonly source: Source<Rows, 'PageInfo', PageInfoSource>;
      readonly fields: {
        readonly hasNextPage: { readonly args: {}; readonly result: boolean };
        readonly hasPreviousPage: { readonly args: {}; readonly result: boolean };
        readonly startCursor: { readonly args: {}; readonly result: string | null };
        readonly endCursor: { readonly args: {}; readonly result: string | null };
      };
    };
  };
  readonly abstracts: {
    readonly Thread: 'Issue' | 'PullRequest';
  };
  readonly enums: {
    readonly ThreadState: { readonly name: ThreadState; readonly internal: Source<Rows, 'ThreadState', ThreadState> };
  };
  readonly scalars: never;
  readonly needs: {};
  readonly services: {};
}
