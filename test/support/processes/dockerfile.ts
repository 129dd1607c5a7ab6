/** Command and environment of a container of an image. */
export interface Image {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The health check, without the leading CMD; null for none. */
  readonly health: readonly string[] | null;
}

const NOTHING: Image = { entrypoint: [], command: [], env: {}, health: null };

/**
 * Reads one stage of a Dockerfile, with everything it inherits from other stages. Understands exec forms and `ENV
 * NAME=value`.
 *
 * @throws Error for an unknown stage
 */
export const stageOf = (dockerfile: string, target: string): Image => {
  const stages = new Map<string, Image>();
  let current = '';
  for (const [, instruction = '', rest = ''] of instructionsOf(dockerfile)) {
    const [, base = '', name = ''] = instruction === 'FROM' ? (/^(\S+) AS (\S+)$/.exec(rest) ?? []) : [];
    const before = stages.get(name ? base : current) ?? NOTHING;
    current = name || current;
    stages.set(current, { ...before, ...settingOf(instruction, rest, before) });
  }
  const stage = stages.get(target);
  if (stage === undefined) throw new Error(`The Dockerfile has no stage ${target}.`);
  return stage;
};

const instructionsOf = (dockerfile: string) =>
  dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .matchAll(/^([A-Z]+) +(.+)$/gm);

const settingOf = (instruction: string, rest: string, { env }: Image): Partial<Image> => {
  if (instruction === 'ENTRYPOINT') return { entrypoint: JSON.parse(rest) };
  if (instruction === 'CMD') return { command: JSON.parse(rest) };
  if (instruction === 'HEALTHCHECK') return { health: JSON.parse(rest.slice(rest.indexOf('CMD') + 'CMD'.length)) };
  if (instruction !== 'ENV') return {};
  return { env: { ...env, ...Object.fromEntries(rest.split(/\s+/).map((pair) => pair.split('=', 2))) } };
};
