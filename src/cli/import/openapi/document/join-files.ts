import { basename } from 'node:path';
import { CommandFailure } from '../../../command/exit-code.ts';
import { isJsonRecord, type Json } from '../../json.ts';
import { type ContractSource, readSource, sourceAt } from '../../read-source.ts';

/** Property of the joined document with the content of the other files, by name. */
const FILES = 'x-files';

const MAX_FILES = 1_000;

interface JoinedFile {
  /** Name in the joined document. */
  readonly name: string;
  value: unknown;
}

/** Properties with data, in which `$ref` is no reference. */
const DATA = new Set(['example', 'enum', 'const']);

const nameFor = (location: string, taken: ReadonlySet<string>): string => {
  const base =
    basename(location)
      .replace(/\.[^.]*$/, '')
      .replaceAll(/[~/%#]/g, '-') || 'file';
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}${number}`;
  return name;
};

class Joiner {
  readonly #files = new Map<string, JoinedFile>();
  readonly #problems: string[] = [];

  /** Copies a value with references to other files replaced by references into the joined document. */
  async #copied(value: unknown, location: string, root: string): Promise<unknown> {
    if (Array.isArray(value)) {
      // In order: the names of files depend on it.
      const items: unknown[] = [];
      for (const item of value) items.push(await this.#copied(item, location, root));
      return items;
    }
    if (!isJsonRecord(value)) return value;
    const copy: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(value)) {
      const isReference = name === '$ref' && typeof inner === 'string';
      copy[name] = isReference
        ? await this.#reference(inner, location, root)
        : DATA.has(name)
          ? inner
          : await this.#copied(inner, location, root);
    }
    return copy;
  }

  async #reference(ref: string, location: string, root: string): Promise<string> {
    const [file = '', pointer = ''] = ref.split('#', 2);
    if (file === '') return `${root}${pointer}`;
    const target = sourceAt(file, location);
    if (target === null) {
      this.#problems.push(`${ref} is at another origin: copy the file next to the contract.`);
      return '#';
    }
    return `#/${FILES}/${await this.#file(target)}${pointer}`;
  }

  async #file(location: string): Promise<string> {
    const known = this.#files.get(location);
    if (known !== undefined) return known.name;
    if (this.#files.size >= MAX_FILES)
      throw new CommandFailure(`The contract has more than ${MAX_FILES} files: join them first.`);
    const name = nameFor(location, new Set([...this.#files.values()].map((file) => file.name)));
    const file: JoinedFile = { name, value: null };
    this.#files.set(location, file);
    try {
      const { value } = await readSource(location);
      file.value = await this.#copied(value, location, `#/${FILES}/${name}`);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      this.#problems.push(error.message);
      file.value = {};
    }
    return name;
  }

  async join({ value, location }: ContractSource): Promise<unknown> {
    const document = await this.#copied(value, location, '#');
    if (this.#problems.length > 0)
      throw new CommandFailure(
        `Files of the contract cannot be read:\n${[...new Set(this.#problems)].map((problem) => `  ${problem}`).join('\n')}`,
      );
    if (!isJsonRecord(document) || this.#files.size === 0) return value;
    // The converter of Swagger 2 converts the document itself only.
    if ('swagger' in document)
      throw new CommandFailure(
        'The contract is Swagger 2 in several files: join them first, or convert it to OpenAPI 3.',
      );
    const files: Json = Object.fromEntries([...this.#files.values()].map((file) => [file.name, file.value]));
    return { ...document, [FILES]: files };
  }
}

/**
 * Joins the files of a contract: references to other files become references within the document. Files are local for a
 * local contract, and at its origin for a contract at a URL.
 *
 * @throws CommandFailure with all files that cannot be read
 */
export const joinFiles = async (source: ContractSource): Promise<ContractSource> => ({
  ...source,
  value: await new Joiner().join(source),
});
