import { keyFields } from '../sdl.ts';
import { mergeOf, whyNotCarried } from './entity.ts';
import type { Mistake } from './mistake.ts';
import { inIndex, inSdl, type Reading, ROOT_TYPES } from './reading.ts';
import type { TypeView } from './type-view.ts';

const wrongType = (reading: Reading, type: string, view: TypeView | undefined): Mistake | null => {
  if (ROOT_TYPES.has(type))
    return inIndex(reading, `merge names ${type}, whose fields are joined anyway`, `take ${type} out of merge`);
  if (view === undefined)
    return inIndex(
      reading,
      `merge names ${type}, which the SDL does not define`,
      'correct the name, or define the type with its key fields',
    );
  if (view.kind === 'type') return null;
  return inIndex(reading, `merge names ${type}, which is no object type`, `take ${type} out of merge`);
};

const wrongKey = (reading: Reading, type: string, view: TypeView, key: readonly string[]): readonly Mistake[] => {
  if (key.length === 0)
    return [inIndex(reading, `the key of ${type} in merge names no field`, 'name those that tell one from another')];
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
    return inSdl(reading, node.name, `${type}.${field} is a key and ${why}`, 'join by another field');
  });
};

const wrongLoad = (reading: Reading, type: string, load: string | undefined): readonly Mistake[] => {
  const { loaders } = reading;
  if (load === undefined || loaders.is === 'failed' || loaders.names.has(load)) return [];
  const wrong = `merge loads ${type} with "${load}", a loader that does not exist`;
  return [inIndex(reading, wrong, 'correct the name, or add it to loaders')];
};

const wrongFor = (reading: Reading, type: string): readonly Mistake[] => {
  const merge = mergeOf(reading, type);
  if (merge === undefined || reading.sdl.is === 'unreadable') return [];
  const view = reading.types.get(type);
  const mistake = wrongType(reading, type, view);
  if (mistake !== null) return [mistake];
  return view === undefined ? [] : wrongKey(reading, type, view, keyFields(merge));
};

/** What a module's `merge` gets wrong about the module itself. */
export const wrongMerge = (reading: Reading): readonly Mistake[] =>
  Object.keys(reading.module.merge).flatMap((type) => [
    ...wrongFor(reading, type),
    ...wrongLoad(reading, type, mergeOf(reading, type)?.load),
  ]);
