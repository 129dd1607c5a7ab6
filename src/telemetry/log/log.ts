/** Log for operators. Fields never contain variables, tokens or bodies. */
export interface Log {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const silentLog: Log = { warn: () => {}, error: () => {} };
