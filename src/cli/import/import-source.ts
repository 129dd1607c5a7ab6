import type { Clock } from '../../core/clock.ts';
import type { ImportedFolder } from './imported-folder.ts';
import type { TakenNames } from './names/taken-names.ts';

/** What an import needs of its process. */
export interface ImportDependencies {
  readonly clock: Clock;
  /** Prints a line before the import continues. */
  announce(line: string): void;
}

/** A contract that was read, before it is converted. */
export interface ImportSource {
  /** For messages and comments: a path, or a URL without credentials. */
  readonly name: string;
  /** Candidates for the name of the module, best first. */
  readonly names: readonly string[];
  /** @throws UsageError and CommandFailure, with all problems of the contract at once */
  convert(module: string, taken: TakenNames): ImportedFolder;
}
