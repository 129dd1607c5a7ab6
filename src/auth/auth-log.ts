/** Log of failures of issuers. `console` is compatible. */
export interface AuthLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
