import type { Call } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Member } from '../endpoints/member.ts';

/** The current members of an upstream, or of a subset of it. */
export interface MemberList {
  /** A new array after each change, and only then. */
  readonly current: readonly Member[];
}

type Labels = Readonly<Record<string, string>>;

export const hasLabels = ({ labels }: Pick<Endpoint, 'labels'>, all: Labels): boolean =>
  Object.entries(all).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);

/** The members that satisfy a condition, filtered after each change of the list. */
const filtered = (members: MemberList, isIn: (member: Member) => boolean): MemberList => {
  let of: readonly Member[] | null = null;
  let current: readonly Member[] = [];
  return {
    get current() {
      if (members.current !== of) {
        of = members.current;
        current = of.filter(isIn);
      }
      return current;
    },
  };
};

/** The members of each subset, by name. */
export type SubsetMembers = ReadonlyMap<string, MemberList>;

/** Groups members by subset. An endpoint may belong to several subsets, or to none. */
export const subsetMembers = (members: MemberList, subsets: Readonly<Record<string, Labels>>): SubsetMembers =>
  new Map(
    Object.entries(subsets).map(([name, labels]) => [
      name,
      filtered(members, ({ endpoint }) => hasLabels(endpoint, labels)),
    ]),
  );

/** The members that a call may reach: all of the upstream, or those of its subset and the subset's fallback. */
export const reachable = (call: Call, members: MemberList, subsets: SubsetMembers): readonly Member[] => {
  if (call.subset === undefined) return members.current;
  const { name, fallback } = call.subset;
  const own = subsets.get(name)?.current ?? [];
  return fallback === null ? own : [...own, ...(subsets.get(fallback)?.current ?? [])];
};
