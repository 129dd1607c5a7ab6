import type { Clock } from '../../core/clock.ts';
import type { Report } from '../events.ts';
import type { Endpoint } from './endpoint.ts';
import type { Member, MemberOf } from './member.ts';

export interface MembersOptions {
  readonly clock: Clock;
  readonly report: Report;
  readonly memberOf: MemberOf;
  /** Called for a removed endpoint: waits for its calls, then closes its connections. */
  readonly release: (endpoint: Endpoint) => Promise<void>;
  /** Called with the first list, and with each changed one. Default: nothing. */
  readonly onChange?: (members: readonly Member[]) => void;
}

/** Identity of an endpoint: its location, without options. */
const placeOf = ({ url, ip }: Endpoint): string => `${url.href} ${ip ?? ''}`;

/**
 * The current endpoints of one upstream.
 *
 * Replacing the list costs no call: a remaining endpoint keeps its state, a new one has a slow start, and a removed one
 * receives no new calls while its calls in flight go on.
 */
export class Members {
  readonly #options: MembersOptions;
  #members: readonly Member[] = [];
  readonly #leaving = new Set<Member>();

  constructor(endpoints: readonly Endpoint[], options: MembersOptions) {
    this.#options = options;
    this.#members = unique(endpoints).map((endpoint) => options.memberOf(endpoint, null));
    options.onChange?.(this.#members);
  }

  /** A new array after each change of the list, and only then. */
  get current(): readonly Member[] {
    return this.#members;
  }

  /** Removed members that still have attempts in flight. */
  get leaving(): readonly Member[] {
    return [...this.#leaving];
  }

  /** Returns true if the list has changed. */
  replace(endpoints: readonly Endpoint[], reason: string): boolean {
    const { clock, report, memberOf } = this.#options;
    const known = new Map(this.#members.map((member) => [placeOf(member.endpoint), member]));
    // Without previous endpoints a new one has no slow start: no other could take its share meanwhile.
    const since = known.size === 0 ? null : clock.now();
    let changed = false;
    const members = unique(endpoints).map((endpoint) => {
      const place = placeOf(endpoint);
      const member = known.get(place);
      known.delete(place);
      if (member !== undefined) {
        changed ||= !sameShare(member.endpoint, endpoint);
        member.endpoint = endpoint;
        return member;
      }
      changed = true;
      const added = memberOf(endpoint, since);
      report({ is: 'endpoint', address: added.address, to: 'added', reason });
      return added;
    });
    if (!changed && known.size === 0) return false;
    this.#members = members;
    this.#options.onChange?.(members);
    for (const member of known.values()) this.#leave(member, reason);
    return true;
  }

  #leave(member: Member, reason: string): void {
    const { report, release } = this.#options;
    const { address } = member;
    member.draining = true;
    this.#leaving.add(member);
    report({ is: 'endpoint', address, to: 'draining', reason });
    const gone = () => {
      this.#leaving.delete(member);
      report({ is: 'endpoint', address, to: 'removed', reason: 'its last call ended' });
    };
    void release(member.endpoint).then(gone, gone);
  }
}

const sameLabels = (one: Endpoint['labels'], other: Endpoint['labels']): boolean => {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
};

const sameShare = (one: Endpoint, other: Endpoint): boolean =>
  one.weight === other.weight &&
  one.max === other.max &&
  one.priority === other.priority &&
  one.zone === other.zone &&
  one.source === other.source &&
  sameLabels(one.labels, other.labels);

const unique = (endpoints: readonly Endpoint[]): readonly Endpoint[] => [
  ...new Map(endpoints.map((endpoint) => [placeOf(endpoint), endpoint])).values(),
];
