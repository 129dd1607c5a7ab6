import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The kernel counts CPU in hundredths of a second, whatever the machine. */
const TICK_US = 10_000;
const PAGE_BYTES = 4_096;

/** Fields of /proc/PID/stat after the name, which may contain blanks. The first one is the state. */
const statOf = (pid: number): readonly string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

const runtimeUs = (thread: string): number => {
  try {
    return Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
  } catch {
    // It ended in the meantime.
    return 0;
  }
};

/** CPU of the threads of a process in microseconds. More exact than its stat, which counts in ticks. */
export const cpuOf = (pid: number): number => {
  const threads = `/proc/${pid}/task`;
  return readdirSync(threads).reduce((sum, thread) => sum + runtimeUs(`${threads}/${thread}`), 0);
};

/** Resident memory of a process, in MiB. */
export const rssOf = (pid: number): number =>
  (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES) / 1_048_576;

/** A process and those that it started, and so on. */
const familyOf = (pid: number): readonly number[] => {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
    try {
      parents.set(Number(name), Number(statOf(Number(name))[1]));
    } catch {
      // It ended while we looked.
    }
  const family = [pid];
  for (const one of family) for (const [child, parent] of parents) if (parent === one) family.push(child);
  return family;
};

const LISTENING = '0A';

const inodesListeningAt = (port: number): ReadonlySet<string> => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1));
  const sockets = lines.map((line) => line.trim().split(/\s+/));
  return new Set(
    sockets
      .filter(([, local, , state]) => local?.endsWith(suffix) === true && state === LISTENING)
      .flatMap((fields) => fields[9] ?? []),
  );
};

const socketsOf = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });

/** Which process of the family of `pid` listens at a port of this machine; null while none of them does. */
export const listenerAt = (port: number, pid: number): number | null => {
  const inodes = inodesListeningAt(port);
  if (inodes.size === 0) return null;
  return familyOf(pid).find((one) => socketsOf(one).some((inode) => inodes.has(inode))) ?? null;
};

export interface MachineTime {
  /** CPU time of all programs and of the kernel, in microseconds, summed over all cores. */
  readonly busyUs: number;
  /** CPU time that the host of this virtual machine gave to other machines. */
  readonly stolenUs: number;
}

/** Since the machine was started. */
export const machineTime = (): MachineTime => {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = line.trim().split(/\s+/).slice(1).map(Number);
  return { busyUs: (user + nice + system) * TICK_US, stolenUs: steal * TICK_US };
};
