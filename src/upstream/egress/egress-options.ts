import type { z } from 'zod';
import { type Fix, group, named, oneOfOption, option, orOff } from '../option-kinds.ts';
import { QUOTA, type QuotaOptions, type QuotaSettings } from '../quota/quota-options.ts';

const LABEL = /^[\w.-]{1,64}$/;

const labelsFix: Fix = (value) => {
  const isLabels =
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(([name, text]) => LABEL.test(name) && typeof text === 'string' && LABEL.test(text));
  return isLabels ? null : "use names with values, as in { country: 'de' }";
};

export const EGRESS = group({
  /** Labels that a proxy must have, each with this value. Default none: every proxy of `EGRESS_PROXIES`. */
  labels: option<Readonly<Record<string, string>>>(labelsFix).default({}),
  /**
   * Choice of a proxy for each attempt: `round-robin`, `least-used` (the fewest calls in flight), or `sticky`: calls of
   * one principal keep to one proxy as long as it is usable. Default `round-robin`.
   */
  rotate: oneOfOption('round-robin', 'least-used', 'sticky').default('round-robin'),
  /** Calls of this upstream through each proxy: `{ calls: 100, perSeconds: 60 }`, [shared by all gateways](#provider-quotas). Default no limit. */
  perProxy: named<QuotaSettings, QuotaOptions>(QUOTA).optional(),
});

/** Choice of egress proxies by an upstream. */
export interface EgressOptions extends z.input<typeof EGRESS> {}
export interface EgressSettings extends z.output<typeof EGRESS> {}

/** The option `egress` of an upstream. */
export const EGRESS_OPTION = orOff<EgressSettings, EgressOptions>(EGRESS).optional();

/** The settings; null for direct calls, undefined for `HTTPS_PROXY` and `HTTP_PROXY`. */
export const egressSettings = (option: EgressOptions | false | undefined): EgressSettings | null | undefined =>
  EGRESS_OPTION.parse(option);

/** True if a proxy has all of these labels. */
export const carriesLabels = (
  { labels }: { readonly labels: Readonly<Record<string, string>> },
  wanted: EgressSettings['labels'],
): boolean => Object.entries(wanted).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
