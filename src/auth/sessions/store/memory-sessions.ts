import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../core/clock.ts';
import type { SessionStore } from './session-store.ts';

interface Kept {
  readonly text: string;
  readonly until: number;
}

/** Most entries of one kind. The kind is the part of a key before its colon: a flood of sign-ins evicts no session. */
const MAX_ENTRIES = 20_000;

/** Returns the entries of the kind of a key. */
const entriesByKind = <Entry extends object>(): ((key: string) => LRUCache<string, Entry>) => {
  const kinds = new Map<string, LRUCache<string, Entry>>();
  return (key) => {
    const [name = ''] = key.split(':', 1);
    const kind = kinds.get(name) ?? new LRUCache<string, Entry>({ max: MAX_ENTRIES });
    kinds.set(name, kind);
    return kind;
  };
};

/** Sessions in the memory of this process. They end with it, and other replicas do not know them. */
export const memorySessions = (clock: Clock): SessionStore => {
  const kindOf = entriesByKind<Kept>();
  // A session is in a list of its user and in one of its `sid`: together they are more than the sessions.
  const listsLike = entriesByKind<Map<string, number>>();

  const textOf = (key: string): string | null => {
    const kept = kindOf(key).get(key);
    return kept !== undefined && kept.until > clock.now() ? kept.text : null;
  };
  const put = (key: string, text: string, ttlMs: number): void => {
    kindOf(key).set(key, { text, until: clock.now() + ttlMs });
  };
  const living = (list: string): [string, number][] =>
    [...(listsLike(list).get(list) ?? [])].filter(([, until]) => until > clock.now());

  return {
    touch: async (key, ttlMs) => {
      const text = textOf(key);
      if (text !== null) put(key, text, ttlMs);
      return text;
    },
    add: async (key, text, ttlMs) => {
      if (textOf(key) !== null) return false;
      put(key, text, ttlMs);
      return true;
    },
    replace: async (key, expected, text, ttlMs) => {
      if (textOf(key) !== expected) return false;
      put(key, text, ttlMs);
      return true;
    },
    take: async (key) => {
      const text = textOf(key);
      kindOf(key).delete(key);
      return text;
    },
    release: async (key, expected) => {
      if (textOf(key) === expected) kindOf(key).delete(key);
    },
    link: async (list, member, ttlMs, max) => {
      const others = living(list).filter(([one]) => one !== member);
      const all: [string, number][] = [...others, [member, clock.now() + ttlMs]];
      listsLike(list).set(list, new Map(all));
      return all.slice(0, Math.max(0, all.length - max)).map(([one]) => one);
    },
    members: async (list) => living(list).map(([one]) => one),
    unlink: async (list, members) => {
      const others = living(list).filter(([one]) => !members.includes(one));
      if (others.length === 0) listsLike(list).delete(list);
      else listsLike(list).set(list, new Map(others));
    },
  };
};
