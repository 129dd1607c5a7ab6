import { type Clock, type Timer, wallTime } from '../../core/clock.ts';
import type { Audit, AuditEvent } from './audit-event.ts';
import { RefusalWindow, WINDOW_MS } from './refusal-window.ts';

export interface AuditLogOptions {
  readonly clock: Clock;
  /** Receives complete lines. Must neither wait nor throw. */
  readonly to: { write(line: string): void };
  /** Returns the network of a client's address, by which lines of refusals are bounded. */
  readonly networkOf: (address: string) => string;
  /** Counts every event, the omitted ones too. Default: nothing is counted. */
  readonly count?: (event: string, outcome: string) => void;
}

/** Maximum characters of one text, and of the target as JSON. */
const MAX_TEXT = 512;
const MAX_TARGET = 8_192;

const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

const cutTexts = (_key: string, value: unknown): unknown => (typeof value === 'string' ? cut(value) : value);

const targetOf = (target: AuditEvent['target']): unknown => {
  if (target === undefined) return undefined;
  const { length } = JSON.stringify(target, cutTexts);
  return length <= MAX_TARGET ? target : { omitted: `${length} characters` };
};

/** The line of an event: one JSON object, with the same `level`, `time` and `msg` as other lines of the log. */
export const auditLine = (entry: AuditEvent, time: number): string => {
  const { event, actor, outcome, target, reason, clientAddress, requestId } = entry;
  const fields = {
    ...{ level: 'info', time: new Date(time).toISOString(), log: 'audit' },
    ...{ event, outcome, reason, actor, target: targetOf(target) },
    client: clientAddress === undefined ? undefined : { address: clientAddress },
    ...{ requestId, msg: 'audit' },
  };
  return `${JSON.stringify(fields, cutTexts)}\n`;
};

/** The audit log of one process. */
export interface AuditLog extends Audit {
  /** Writes the number of omitted lines. */
  close(): void;
}

/**
 * Creates the audit log: one line of JSON for each event. Lines of refusals are bounded, see RefusalWindow; once a minute
 * a line has the number of those that were omitted.
 */
export const auditLog = ({ clock, to, networkOf, count = () => {} }: AuditLogOptions): AuditLog => {
  const refusals = new RefusalWindow();
  let timer: Timer | null = null;

  const reportOmitted = (): void => {
    timer?.cancel();
    timer = null;
    const omitted = refusals.takeOmitted();
    if (omitted === 0) return;
    const fields = { level: 'info', time: new Date(wallTime()).toISOString(), log: 'audit', count: omitted };
    to.write(`${JSON.stringify({ ...fields, msg: 'Refusals without a line of their own.' })}\n`);
  };
  const isOmitted = ({ outcome, clientAddress = '' }: AuditEvent): boolean => {
    if (outcome !== 'refused' || refusals.admits(networkOf(clientAddress), clock.now())) return false;
    timer ??= clock.after(WINDOW_MS, reportOmitted);
    return true;
  };

  return {
    record: (entry) => {
      count(entry.event, entry.outcome);
      if (!isOmitted(entry)) to.write(auditLine(entry, wallTime()));
    },
    close: reportOmitted,
  };
};
