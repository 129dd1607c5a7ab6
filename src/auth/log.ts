/** Where operators read what became of the issuers. `console` fits. */
export interface AuthLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
