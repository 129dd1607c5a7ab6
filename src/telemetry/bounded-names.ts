import { OTHER } from './names.ts';

/**
 * Names that clients choose, as labels: the first `max` different ones stay as they are, every later one is `other`. A
 * series, once made, lives as long as the process, so that nobody may make as many as they like.
 */
export const boundedNames = (max: number): ((name: string | null) => string) => {
  const known = new Set<string>();
  return (name) => {
    if (name === null) return OTHER;
    if (known.has(name)) return name;
    if (known.size >= max) return OTHER;
    known.add(name);
    return name;
  };
};
