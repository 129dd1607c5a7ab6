/**
 * Returns the cycles of a graph, each as a path that begins and ends with its alphabetically first name. Every existing
 * cycle is reported at least once, not every path through it.
 */
export const cyclesOf = (edges: ReadonlyMap<string, readonly string[]>): string[][] => {
  const done = new Set<string>();
  const cycles = new Map<string, string[]>();

  const visit = (name: string, path: readonly string[]) => {
    const seenAt = path.indexOf(name);
    if (seenAt >= 0) {
      const cycle = fromFirstName(path.slice(seenAt));
      cycles.set(cycle.join(), cycle);
      return;
    }
    if (done.has(name)) return;
    for (const next of edges.get(name) ?? []) visit(next, [...path, name]);
    done.add(name);
  };

  for (const name of [...edges.keys()].sort()) visit(name, []);
  return [...cycles.values()];
};

const fromFirstName = (cycle: readonly string[]): string[] => {
  const first = cycle.indexOf([...cycle].sort()[0] ?? '');
  const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
  return [...turned, ...turned.slice(0, 1)];
};
