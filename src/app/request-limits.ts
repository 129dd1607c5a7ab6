import { readFile } from 'node:fs/promises';
import type { GraphQLSchema } from 'graphql';
import { isInterfaceType, isObjectType } from 'graphql';
import { versionsOf } from '../config/certificates/watch-folders.ts';
import { watchedFiles } from '../config/certificates/watched-files.ts';
import type { WatchedFiles, WatchedFilesEvent } from '../config/certificates/watched-value.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigurationError } from '../core/errors.ts';
import { nearestSuggestion } from '../core/suggest.ts';
import type { RequestLimitOptions } from '../http/limits/exchange-limits.ts';
import { MemoryCounters } from '../rate-limit/counters/memory-counters.ts';
import { RedisCounters, type ScriptRunner } from '../rate-limit/counters/redis-counters.ts';
import { SurvivingCounters } from '../rate-limit/counters/surviving-counters.ts';
import { CLIENT_POLICY, clientRule } from '../rate-limit/rules/client-rule.ts';
import { readLimits } from '../rate-limit/rules/read-limits.ts';
import { type LimitFile, NO_LIMITS } from '../rate-limit/rules/rule.ts';
import { RuleSet } from '../rate-limit/rules/rule-set.ts';
import type { Log } from '../telemetry/log/log.ts';

/** The file of `LIMITS`. */
export interface LimitFileRead {
  /** NO_LIMITS without a file, and with problems. */
  readonly limits: LimitFile;
  /** Each with the path of the file. */
  readonly problems: readonly string[];
  /** Version of the file. */
  readonly version: string;
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';

/** Reads the file of `LIMITS`; null for none. */
export const readLimitFile = async (path: string | null): Promise<LimitFileRead> => {
  if (path === null) return { limits: NO_LIMITS, problems: [], version: '' };
  const version = await versionsOf([path]);
  try {
    const { limits, problems } = readLimits(await readFile(path, 'utf8'));
    return { limits: limits ?? NO_LIMITS, problems: problems.map((problem) => `${path}: ${problem}`), version };
  } catch (error) {
    return { limits: NO_LIMITS, problems: [`${path} cannot be read${reasonOf(error)}`], version };
  }
};

const coordinatesIn = (schema: GraphQLSchema): ReadonlySet<string> =>
  new Set(
    Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) || isInterfaceType(type)
        ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
        : [],
    ),
  );

/** The arguments of root fields, as keys name them: `<field>.<argument>`. */
const rootArgumentsIn = (schema: GraphQLSchema): ReadonlySet<string> =>
  new Set(
    [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.values(type?.getFields() ?? {}).flatMap(({ name, args }) => args.map((one) => `${name}.${one.name}`)),
    ),
  );

/** Returns the problems of rules and priorities about fields and arguments that the schema does not have. */
export const unknownFieldsIn = ({ rules, priorities }: LimitFile, schema: GraphQLSchema): readonly string[] => {
  const [fields, rootArguments] = [coordinatesIn(schema), rootArgumentsIn(schema)];
  const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((type) => (type ? [`${type.name}.`] : []));
  const problems = (owner: string, what: string, names: readonly string[], known: ReadonlySet<string>) =>
    names.flatMap((name) => {
      if (known.has(name)) return [];
      const nearest = nearestSuggestion(name, [...known]);
      return [`${owner}: ${what} ${name}${nearest === null ? '' : ` (did you mean ${nearest}?)`}`];
    });
  const unknownFields = (owner: string, names: readonly string[] = []) =>
    problems(owner, 'the schema has no field', names, fields);
  return [
    ...rules.flatMap(({ name, when, unless, key }) => {
      const owner = `rule ${name}`;
      const inKey = key.flatMap((part) => (part.by === 'argument' ? [part.path.split('.').slice(0, 2).join('.')] : []));
      return [
        ...unknownFields(owner, [...(when.field ?? []), ...(unless?.field ?? [])]),
        ...(unless?.field ?? [])
          .filter((field) => fields.has(field) && !roots.some((root) => field.startsWith(root)))
          .map((field) => `${owner}: unless.field must name root fields: ${field} is none`),
        ...problems(owner, 'no root field has the argument', inKey, rootArguments),
      ];
    }),
    ...priorities.flatMap(({ when }, index) => unknownFields(`priorities[${index}]`, when.field)),
  ];
};

/** The rules of a file, with the rule of `CLIENT_RATE_LIMIT` in front unless the file has a rule with its name. */
export const ruleSetOf = (
  file: LimitFile,
  { CLIENT_RATE_LIMIT: quota }: Pick<Settings, 'CLIENT_RATE_LIMIT'>,
  clock?: Clock,
): RuleSet => {
  const isReplaced = file.rules.some(({ name }) => name === CLIENT_POLICY);
  return new RuleSet(
    quota === null || isReplaced ? file : { ...file, rules: [clientRule(quota), ...file.rules] },
    clock,
  );
};

const logFile =
  (log: Log) =>
  (event: WatchedFilesEvent): void => {
    if (event.is === 'reloaded') log.warn('The limits were read again from their changed file.');
    else
      log.warn('The file of LIMITS cannot be used; the last limits stay in use. Correct the file.', {
        reason: event.reason,
      });
  };

const logStore =
  (log: Log) =>
  (isAvailable: boolean): void =>
    log.warn(
      isAvailable
        ? 'Limits are counted in Redis again.'
        : 'Limits cannot be counted in Redis. Until they can, each rule does what its onStoreFailure says.',
    );

/** Opens the counters: in Redis, else in the memory of this process. */
const openCounters = (
  { RATE_LIMIT_REPLICAS: replicas }: Settings,
  redis: ScriptRunner | null,
  clock: Clock,
  log: Log,
) => {
  const own = new MemoryCounters({ clock });
  return redis === null
    ? own
    : new SurvivingCounters(new RedisCounters(redis), own, { replicas, report: logStore(log) });
};

export interface OpenedRequestLimits {
  /** Undefined without limits. */
  readonly options: RequestLimitOptions | undefined;
  /** State for operators; null without a file. */
  status(): unknown;
  close(): void;
}

export interface RequestLimitParts {
  readonly file: LimitFileRead;
  readonly schema: GraphQLSchema;
  readonly redis: ScriptRunner | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Follows the file of `LIMITS`. @throws ConfigurationError for a field that the schema does not have */
export const openRequestLimits = (settings: Settings, parts: RequestLimitParts): OpenedRequestLimits => {
  const { LIMITS: path, CLIENT_RATE_LIMIT: quota } = settings;
  const { file, schema, redis, clock, log } = parts;
  const unknown = unknownFieldsIn(file.limits, schema);
  if (unknown.length > 0)
    throw new ConfigurationError(
      'The limits have problems:',
      unknown.map((problem) => `LIMITS: ${problem}`),
    );
  if (path === null && quota === null) return { options: undefined, status: () => null, close: () => {} };
  const counters = openCounters(settings, redis, clock, log);
  const initial = ruleSetOf(file.limits, settings, clock);
  if (path === null)
    return { options: { rules: () => initial, counters, guesses: quota }, status: () => null, close: () => {} };
  const files: WatchedFiles<RuleSet> = watchedFiles({
    initial,
    initialVersion: file.version,
    paths: [path],
    read: async () => {
      const { limits, problems } = await readLimitFile(path);
      const all = [...problems, ...unknownFieldsIn(limits, schema)];
      if (all.length > 0) throw new Error(all.join('; '));
      return ruleSetOf(limits, settings, clock);
    },
    // Files are read only after a change.
    isSame: () => false,
    clock,
    report: logFile(log),
  });
  return {
    options: { rules: () => files.current(), counters, guesses: quota },
    status: () => ({
      rules: files.current().file.rules.map(({ name, mode }) => ({ name, mode })),
      fault: files.fault(),
      changes: files.changes(),
    }),
    close: () => files.close(),
  };
};
