import { z } from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { serviceLinkFault } from './service-link.ts';
import { type Env, hasInvisible, trimmed } from './text.ts';
import { unknownVariables, unknownVariableWarning } from './unknown-variables.ts';
import { type Settings, VARIABLE_NAMES, variables } from './variables.ts';

export type { Env } from './text.ts';
export type { Settings } from './variables.ts';

/** A variable that a schema module requires. */
export interface RequiredVariable<Value> {
  readonly variable: string;
  /** @throws Error with the fault of the text */
  readonly parse: (text: string) => Value;
  /** Instruction for a missing variable, with an example: "set it to ...". */
  readonly fix: string;
}

export interface ProcessSettings<Value> {
  readonly settings: Settings;
  /** Parsed values by variable. */
  readonly required: ReadonlyMap<string, Value>;
  /** One line for each missing variable that is allowed to be missing, and for each unknown one that resembles a known one. */
  readonly warnings: readonly string[];
}

/**
 * Returns the folder of the schema modules. It is read first, because the modules determine which other variables are
 * required.
 */
export const schemaDir = (env: Env): string => {
  const fallback = variables.shape.SCHEMA_DIR.parse(undefined);
  return variables.shape.SCHEMA_DIR.catch(fallback).parse(trimmed(env).SCHEMA_DIR);
};

/** The settings of tokens, which determine what secrets are required. They are read first, without invalid ones. */
export const tokenSettings = (env: Env): Pick<Settings, 'JWT_ISSUERS' | 'TOKEN_INTROSPECTION' | 'SESSIONS'> => {
  const present = trimmed(env);
  return {
    JWT_ISSUERS: variables.shape.JWT_ISSUERS.catch([]).parse(present.JWT_ISSUERS),
    TOKEN_INTROSPECTION: variables.shape.TOKEN_INTROSPECTION.catch(null).parse(present.TOKEN_INTROSPECTION),
    SESSIONS: variables.shape.SESSIONS.catch(null).parse(present.SESSIONS),
  };
};

/** An address to listen on, with the variables that set it. */
export interface ListenAddress {
  /** Null for a variable without a valid value. */
  readonly host: string | null;
  /** 0 takes a free port. It also stands for a variable without a valid value. */
  readonly port: number;
  readonly hostVariable: 'HOST' | 'ADMIN_HOST';
  readonly portVariable: 'PORT' | 'ADMIN_PORT' | 'REDIRECT_PORT';
}

/**
 * Returns the addresses for clients and for operators, as far as they are valid, even if other variables are invalid.
 */
export const listenAddresses = (
  env: Env,
): readonly [clients: ListenAddress, operators: ListenAddress, ...redirects: ListenAddress[]] => {
  const present = trimmed(env);
  const addressOf = (
    hostVariable: ListenAddress['hostVariable'],
    portVariable: ListenAddress['portVariable'],
  ): ListenAddress => ({
    host: variables.shape[hostVariable].safeParse(present[hostVariable]).data ?? null,
    port: variables.shape[portVariable].safeParse(present[portVariable]).data ?? 0,
    hostVariable,
    portVariable,
  });
  const redirects = present.REDIRECT_PORT === undefined ? [] : [addressOf('HOST', 'REDIRECT_PORT')];
  return [addressOf('HOST', 'PORT'), addressOf('ADMIN_HOST', 'ADMIN_PORT'), ...redirects];
};

/** Variables with a usual name in lower case, which curl and others read first. */
const LOWER_CASE = ['https_proxy', 'http_proxy', 'no_proxy'] as const;

const withLowerCase = (present: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  ...present,
  ...Object.fromEntries(
    LOWER_CASE.flatMap((name) => (present[name] === undefined ? [] : [[name.toUpperCase(), present[name]]])),
  ),
});

const NOT_SET = 'is not set: ';

const requiredSchema = <Value>({ parse, fix }: RequiredVariable<Value>) =>
  z.string(`${NOT_SET}${fix}`).transform((text, context): Value => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : String(error));
      return z.NEVER;
    }
  });

const INVISIBLE = 'contains a line end or another invisible character: remove it';

/** Returns the problems of one variable: the faults that its schema reports, or one message that explains them. */
const problemsOf = (variable: string, text: string | undefined, faults: readonly string[]): readonly string[] => {
  if (text !== undefined && hasInvisible(text)) return [`${variable}: ${INVISIBLE}`];
  const link = text === undefined || faults.length === 0 ? null : serviceLinkFault(variable, text);
  if (link !== null) return [`${variable}: ${link}`];
  return faults.map((fault) => (fault.startsWith(NOT_SET) ? `${variable} ${fault}` : `${variable}: ${fault}`));
};

/** Returns the problems of variables that are valid by themselves, but not together. */
const contradictions = (settings: Settings | undefined): readonly string[] =>
  settings?.CORS_CREDENTIALS === 'on' && settings.CORS_ORIGINS.includes('*')
    ? ['CORS_CREDENTIALS: must be off with * in CORS_ORIGINS: list the origins of the pages']
    : [];

interface ReadOptions {
  /** Reports a required variable that is not set as a warning instead of a problem. Default false. */
  readonly mayBeMissing?: boolean;
  /** Known variables that others read: the secrets of upstreams. Default none. */
  readonly others?: readonly string[];
}

/**
 * Reads the configuration once; the result is frozen.
 *
 * @throws ConfigurationError with every problem, each with its variable and its fix
 */
export const readConfig = <Value>(
  env: Env,
  requirements: readonly RequiredVariable<Value>[],
  { mayBeMissing = false, others = [] }: ReadOptions = {},
): ProcessSettings<Value> => {
  const present = withLowerCase(trimmed(env));
  const missing = mayBeMissing ? requirements.filter(({ variable }) => present[variable] === undefined) : [];
  const settings = variables.safeParse(present);
  const required = z
    .object(
      Object.fromEntries(
        requirements.filter((one) => !missing.includes(one)).map((one) => [one.variable, requiredSchema(one)]),
      ),
    )
    .safeParse(present);
  const issues = [...(settings.error?.issues ?? []), ...(required.error?.issues ?? [])];
  const known = [...new Set([...VARIABLE_NAMES, ...requirements.map(({ variable }) => variable)])];
  const problems = known.flatMap((variable) => {
    const faults = issues.filter(({ path }) => path[0] === variable).map(({ message }) => message);
    return problemsOf(variable, present[variable], faults);
  });
  const [clients, operators, redirects] = listenAddresses(env);
  if (clients.port !== 0 && clients.port === operators.port) problems.push('ADMIN_PORT: must differ from PORT');
  if (redirects !== undefined && redirects.port !== 0 && [clients.port, operators.port].includes(redirects.port))
    problems.push('REDIRECT_PORT: must differ from PORT and ADMIN_PORT');
  problems.push(...contradictions(settings.data));
  const unknown = unknownVariables(Object.keys(present), [...known, ...others]);
  if (!settings.success || !required.success || problems.length > 0) {
    // A mistyped name is often the reason for a missing variable.
    const mistyped = unknown.filter(({ suggestion }) => suggestion !== null).map(unknownVariableWarning);
    throw new ConfigurationError('The configuration is invalid:', [...problems, ...mistyped]);
  }
  const found = new Map<string, Value>(Object.entries(required.data));
  const warnings = [
    ...missing.map(({ variable, fix }) => `${variable} is not set. Calls to this upstream fail: ${fix}`),
    ...unknown.map(unknownVariableWarning),
  ];
  return { settings: Object.freeze(settings.data), required: found, warnings };
};
