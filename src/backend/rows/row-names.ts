/** Cases of the names of a backend. The names of modules are in camel case, as those of GraphQL. */
export const CASES = ['snake', 'kebab', 'pascal'] as const;

export type NameCase = (typeof CASES)[number];

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** `full_name` and `full-name` become `fullName`. Separators at the ends stay. */
const joined = (name: string): string =>
  name.replaceAll(/(?<=[^_-])[_-]+([a-z0-9A-Z])/g, (_, next: string) => next.toUpperCase());

const separated = (name: string, separator: string): string =>
  name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => separator + letter.toLowerCase());

const READ: Readonly<Record<NameCase, (name: string) => string>> = {
  snake: joined,
  kebab: joined,
  pascal: lowerFirst,
};

const WRITE: Readonly<Record<NameCase, (name: string) => string>> = {
  snake: (name) => separated(name, '_'),
  kebab: (name) => separated(name, '-'),
  pascal: upperFirst,
};

/** Maximum number of memoized names. Backends have few; the limit is for objects with ids as names. */
const MAX_NAMES = 10_000;

const memoized = (convert: (name: string) => string): ((name: string) => string) => {
  const known = new Map<string, string>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const converted = convert(name);
    if (known.size < MAX_NAMES) known.set(name, converted);
    return converted;
  };
};

const same = (name: string): string => name;

/** Functions between the names of a module and those of its backend. */
export interface RowNames {
  /** The module's name of a property of the backend. */
  readonly read: (name: string) => string;
  /** The backend's name of a property of the module. */
  readonly write: (name: string) => string;
  /** The exceptions: the backend's name by the module's, and the reverse. */
  readonly backendNames: ReadonlyMap<string, string>;
  readonly ownNames: ReadonlyMap<string, string>;
}

/** Makes the functions. `names` has exceptions from the case: the backend's name by the module's. */
export const rowNames = (nameCase: NameCase | undefined, names: Readonly<Record<string, string>>): RowNames => {
  const backendNames = new Map(Object.entries(names));
  const ownNames = new Map(Object.entries(names).map(([name, backend]) => [backend, name]));
  const read = nameCase === undefined ? same : memoized(READ[nameCase]);
  const write = nameCase === undefined ? same : memoized(WRITE[nameCase]);
  return {
    read: (name) => ownNames.get(name) ?? read(name),
    write: (name) => backendNames.get(name) ?? write(name),
    backendNames,
    ownNames,
  };
};
