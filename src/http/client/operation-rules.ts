import { GatewayError } from '../../core/errors.ts';
import type { RequestRules, RuledOperation } from '../../request/request-rules.ts';
import type { RequestRecord } from '../../telemetry/request-trace.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import { decides, type OperationRule } from './met-rules.ts';

/** The response to a request that a rule denies. */
export const NOT_ALLOWED = rejection('FORBIDDEN', '');

/** The rules of one request that read its operation. They are those of its arrival, also if the file changes meanwhile. */
export class OperationRules implements RequestRules {
  readonly #rules: readonly OperationRule[];
  readonly #record: RequestRecord | null;
  #isDenied = false;

  constructor(rules: readonly OperationRule[], record: RequestRecord | null) {
    this.#rules = rules;
    this.#record = record;
  }

  /** Returns the same rules for another operation of the request. */
  sibling(record: RequestRecord): OperationRules {
    return new OperationRules(this.#rules, record);
  }

  denied(operation: RuledOperation): GatewayError | null {
    for (const { rule, fits } of this.#rules) {
      if (!fits(operation)) continue;
      this.#record?.ruled(rule.name, rule.action);
      if (!decides(rule)) continue;
      this.#isDenied = rule.action === 'deny';
      break;
    }
    return this.#isDenied ? new GatewayError('FORBIDDEN', 'A rule denies this operation.') : null;
  }

  /** Rejects a request with an operation that was denied. @throws RejectedError */
  check(): void {
    if (this.#isDenied) throw new RejectedError(NOT_ALLOWED);
  }
}
