import { type EntityKey, entityKeys } from '../../../backend/merge/entity-keys.ts';
import { inIndex, inSdl, type ParsedModule, ROOT_TYPES } from '../parsed-module.ts';
import { listed, type ModuleProblem } from '../problem.ts';
import type { TypeView } from '../type-summary.ts';
import { mergeOf, whyNotCarried } from './entity.ts';

const wrongType = (reading: ParsedModule, type: string, view: TypeView | undefined): ModuleProblem | null => {
  if (ROOT_TYPES.has(type))
    return inIndex(reading, `merge names ${type}, but root types are always merged`, `remove ${type} from merge`);
  if (view === undefined)
    return inIndex(
      reading,
      `merge names ${type}, which the SDL does not define`,
      'correct the name, or define the type with its key fields',
    );
  if (view.kind === 'type') return null;
  return inIndex(reading, `merge names ${type}, which is not an object type`, `remove ${type} from merge`);
};

const wrongKey = (
  reading: ParsedModule,
  type: string,
  view: TypeView,
  key: readonly string[],
): readonly ModuleProblem[] => {
  return key.flatMap((field) => {
    const node = view.fields.get(field);
    if (node === undefined)
      return inIndex(
        reading,
        `the key of ${type} in merge is ${field}, a field that ${type} does not have`,
        `correct the name, or add ${field} to ${type} in the SDL`,
      );
    const why = whyNotCarried(reading, node);
    if (why === null) return [];
    return inSdl(reading, node.name, `${type}.${field} is a key but ${why}`, 'use another field as key');
  });
};

/** A type without a key is a namespace: nothing identifies a row that could be loaded. */
const wrongNamespace = (
  reading: ParsedModule,
  type: string,
  { fields, load, cache }: EntityKey,
): readonly ModuleProblem[] => {
  if (fields.length !== 0 || (load ?? cache) === undefined) return [];
  const problem = `the key of ${type} in merge is empty, but merge has ${load === undefined ? 'cache' : 'load'}`;
  return [inIndex(reading, problem, 'name the fields that identify a row, or remove it')];
};

const wrongLoad = (reading: ParsedModule, type: string, load: string | undefined): readonly ModuleProblem[] => {
  const { loaders } = reading;
  if (load === undefined || loaders.is === 'failed' || loaders.names.has(load)) return [];
  const problem = `merge loads ${type} with "${load}", a loader that does not exist`;
  return [inIndex(reading, problem, 'correct the name, or add it to loaders')];
};

const wrongFor = (reading: ParsedModule, type: string): readonly ModuleProblem[] => {
  const merge = mergeOf(reading, type);
  if (merge === undefined || reading.sdl.is === 'unreadable') return [];
  const view = reading.types.get(type);
  const problem = wrongType(reading, type, view);
  if (problem !== null) return [problem];
  return view === undefined ? [] : entityKeys(merge).flatMap(({ fields }) => wrongKey(reading, type, view, fields));
};

/** Reports keys that cannot be told apart, and lists of keys that have none. */
const wrongKeys = (reading: ParsedModule, type: string, keys: readonly EntityKey[]): readonly ModuleProblem[] => {
  if (keys.length === 0)
    return [inIndex(reading, `keys of ${type} in merge is empty`, "name a key, as in keys: [{ key: 'id' }]")];
  if (keys.length > 1 && keys.some(({ fields }) => fields.length === 0))
    return [inIndex(reading, `one of the keys of ${type} in merge has no fields`, 'name the fields of every key')];
  const known = new Set<string>();
  return keys.flatMap(({ fields }) => {
    const [twice] = fields.filter((field, at) => fields.indexOf(field) < at);
    if (twice !== undefined)
      return inIndex(reading, `a key of ${type} in merge has the field ${twice} twice`, 'remove one of them');
    const name = fields.toSorted().join(' ');
    if (!known.has(name)) {
      known.add(name);
      return [];
    }
    return inIndex(reading, `merge has the key ${listed(fields)} of ${type} twice`, 'remove one of them');
  });
};

/** Reports options of a key next to `keys`, where nothing reads them. Types reject them in TypeScript. */
const ignoredOptions = (reading: ParsedModule, type: string): readonly ModuleProblem[] => {
  const merge = reading.module.merge[type];
  if (merge === undefined || !('keys' in merge)) return [];
  return ['key', 'load', 'cache'].flatMap((option) =>
    option in merge
      ? inIndex(reading, `merge of ${type} has keys and ${option}`, `move ${option} into one of the keys`)
      : [],
  );
};

/** Reports problems of `merge` that the module's own SDL and loaders show. */
export const wrongMerge = (reading: ParsedModule): readonly ModuleProblem[] =>
  Object.entries(reading.module.merge).flatMap(([type, merge]) => [
    ...wrongFor(reading, type),
    ...wrongKeys(reading, type, entityKeys(merge)),
    ...ignoredOptions(reading, type),
    ...entityKeys(merge).flatMap((key) => [
      ...wrongNamespace(reading, type, key),
      ...wrongLoad(reading, type, key.load),
    ]),
  ]);
