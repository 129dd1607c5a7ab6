import { hash } from 'node:crypto';
import type { Manifest } from './manifest.ts';

/** A document of a manifest. */
export interface TrustedDocument {
  readonly text: string;
  /** SHA-256 of the text, in hex. */
  readonly hash: string;
}

/** A manifest with the clients that may use it. */
export interface ClientManifest {
  readonly manifest: Manifest;
  /** Required name of the client; null for every client. */
  readonly client: string | null;
  /** Prefix of the ids that clients send. */
  readonly prefix: string;
}

interface Documents {
  readonly byId: Map<string, TrustedDocument>;
  readonly byHash: Map<string, TrustedDocument>;
}

/** Prefix of ids in the draft of GraphQL over HTTP. */
const SHA256 = 'sha256:';

/** The documents of all manifests, by client. A change of a file makes a new list. */
export class DocumentList {
  readonly #byClient = new Map<string | null, Documents>();
  /** Number of different documents of each client, summed up. */
  readonly size: number;

  /** @throws Error if two manifests for one client have different documents with one id */
  constructor(manifests: readonly ClientManifest[]) {
    for (const one of manifests) this.#add(one);
    this.size = [...this.#byClient.values()].reduce((sum, { byHash }) => sum + byHash.size, 0);
  }

  #add({ manifest, client, prefix }: ClientManifest): void {
    const documents = this.#byClient.get(client) ?? { byId: new Map(), byHash: new Map() };
    this.#byClient.set(client, documents);
    for (const [id, text] of manifest) {
      const hashed = hash('sha256', text);
      const document = documents.byHash.get(hashed) ?? { text, hash: hashed };
      const known = documents.byId.get(prefix + id);
      if (known !== undefined && known !== document)
        throw new Error(`two manifests for one client have different documents with the id ${prefix}${id}`);
      documents.byHash.set(hashed, document);
      documents.byId.set(prefix + id, document);
    }
  }

  /** Returns the document that a client names by its id, or by the SHA-256 of its text, with `sha256:` or without. */
  byId(client: string | undefined, id: string): TrustedDocument | null {
    const hashed = id.startsWith(SHA256) ? id.slice(SHA256.length) : id;
    return this.#find(client, ({ byId, byHash }) => byId.get(id) ?? byHash.get(hashed));
  }

  /** Returns the document with this SHA-256; null for none. */
  byHash(client: string | undefined, hashed: string): TrustedDocument | null {
    return this.#find(client, ({ byHash }) => byHash.get(hashed));
  }

  #find(
    client: string | undefined,
    find: (documents: Documents) => TrustedDocument | undefined,
  ): TrustedDocument | null {
    for (const name of [client, null]) {
      const documents = name === undefined ? undefined : this.#byClient.get(name);
      const found = documents === undefined ? undefined : find(documents);
      if (found !== undefined) return found;
    }
    return null;
  }
}
