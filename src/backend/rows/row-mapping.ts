import { UpstreamError } from '../../core/errors.ts';
import { propertyOf } from '../../core/property.ts';
import type { Call } from '../../upstream/call.ts';
import { type NameCase, type RowNames, rowNames } from './row-names.ts';

/** How JSON of a backend differs from the rows of a module. */
export interface RowSettings {
  readonly envelope?: string | undefined;
  readonly case?: NameCase | undefined;
  readonly names?: Readonly<Record<string, string>> | undefined;
  readonly unchanged?: readonly string[] | undefined;
}

/** Converts the JSON values of one upstream. */
export interface RowMapping {
  /** The value of an answer as rows. @throws UPSTREAM_BAD_RESPONSE without the envelope */
  readonly read: (value: unknown, call: Call, settings?: ReadSettings) => unknown;
  /** A body with the names of the backend. */
  readonly write: (value: unknown) => unknown;
  /** The module's name of a field by its path in the backend's names: `items[0].unit_price`. */
  readonly fieldName: (path: string) => string;
}

interface ReadSettings {
  /** Replaces the envelope of the upstream; null for none. */
  readonly envelope?: string | null | undefined;
}

/** True for objects with properties. A Date or another class has a JSON form of its own. */
const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

interface Renaming {
  readonly rename: (name: string) => string;
  /** Names before the renaming, by those after it, that `names` of the module declares. */
  readonly declared: ReadonlyMap<string, string>;
  readonly unchanged: ReadonlySet<string>;
}

const withNames = (value: unknown, renaming: Renaming): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => withNames(one, renaming));
  if (!isPlainObject(value)) return value;
  const { rename, declared, unchanged } = renaming;
  const renamed: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const own = rename(name);
    // Several properties of one name: the declared one precedes one that has the name already, and this one the case.
    const source = declared.get(own);
    if (source !== undefined && source !== name && Object.hasOwn(value, source)) continue;
    if (source !== name && own !== name && Object.hasOwn(value, own)) continue;
    const converted = unchanged.has(own) || unchanged.has(name) ? inner : withNames(inner, renaming);
    if (own === '__proto__') Object.defineProperty(renamed, own, { value: converted, enumerable: true });
    else renamed[own] = converted;
  }
  return renamed;
};

const inside = (value: unknown, envelope: string, call: Call): unknown => {
  let inner = value;
  for (const name of envelope.split('.')) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, name))
      throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, `the answer has no ${envelope}`);
    inner = propertyOf(inner, name);
  }
  return inner;
};

/** A path with the names of the module, up to a property that is unchanged. */
const renamedPath = (path: string, { rename, unchanged }: Renaming): string => {
  let isInside = false;
  return path.replaceAll(/[^.[\]]+/g, (name) => {
    const own = isInside ? name : rename(name);
    isInside ||= unchanged.has(own) || unchanged.has(name);
    return own;
  });
};

/** Makes the conversions of an upstream. Without `case` and `names`, values keep their names. */
export const rowMapping = (settings: RowSettings): RowMapping => {
  const { names = {}, unchanged = [] } = settings;
  const keep = new Set(unchanged);
  const named: RowNames | null =
    settings.case === undefined && Object.keys(names).length === 0 ? null : rowNames(settings.case, names);
  const reading = named && { rename: named.read, declared: named.backendNames, unchanged: keep };
  const writing = named && { rename: named.write, declared: named.ownNames, unchanged: keep };
  return {
    read: (value, call, { envelope = settings.envelope } = {}) => {
      // An empty answer is undefined, with and without an envelope.
      if (value === undefined) return undefined;
      const rows = envelope === undefined || envelope === null ? value : inside(value, envelope, call);
      return reading === null ? rows : withNames(rows, reading);
    },
    write: (value) => (writing === null ? value : withNames(value, writing)),
    fieldName: (path) => (reading === null ? path : renamedPath(path, reading)),
  };
};
