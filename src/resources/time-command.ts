import type { KernelUsage } from '../journal/events.js';

/** How a process ended; exactly one field is there. */
export interface ProcessEnd {
  code?: number;
  signal?: string;
  /** Why it could not be started. */
  failure?: string;
}

/** A `time(1)` that can stand before a command and tells what the kernel counted, in a file of ours. */
export interface TimeCommand {
  file: string;
  /** The arguments before the command; what is in the file stays in it. */
  args(file: string): string[];
  /** Reads how the command ended and what it used, from how `time` ended and what it wrote. */
  read(
    wrote: string,
    end: ProcessEnd,
    signalName: (number: number) => string,
  ): { end: ProcessEnd; kernel?: KernelUsage };
}

const MARK = 'e2e-build';

/**
 * GNU's (https://man7.org/linux/man-pages/man1/time.1.html). It exits with 128 + n for a command that signal n killed,
 * and with 137 for one that exited so: only what it writes tells them apart.
 */
const GNU: TimeCommand = {
  file: '/usr/bin/time',
  args: (file) => ['--append', `--output=${file}`, `--format=${MARK} %U %S %M %s %r %k %w %c`, '--'],
  read(wrote, end, signalName) {
    // Its command inherits the file and may write to it (version 1.9), so only what comes last is time's own: for any
    // code but 0 a line about it, and then the figures.
    const [ending = '', figures = ''] = wrote.trimEnd().split('\n').slice(-2);
    if (!figures.startsWith(`${MARK} `) || end.code === undefined) return { end };
    const [user, system, rssKib, sent, received, signals, voluntary, involuntary] = figures
      .split(' ')
      .slice(1)
      .map(Number);
    const kernel = known({
      userMs: seconds(user),
      systemMs: seconds(system),
      peakRssBytes: rssKib === undefined ? undefined : rssKib * 1024,
      // Linux does not count these and leaves them zero, which is no figure (getrusage(2)).
      messagesSent: sent || undefined,
      messagesReceived: received || undefined,
      signals: signals || undefined,
      voluntarySwitches: voluntary,
      involuntarySwitches: involuntary,
    });
    const signal = end.code === 0 ? undefined : /^Command terminated by signal (\d+)$/.exec(ending)?.[1];
    return { end: signal === undefined ? end : { signal: signalName(Number(signal)) }, kernel };
  },
};

/**
 * BSD's, as macOS has it (https://man.freebsd.org/cgi/man.cgi?time(1)); its RSS is in bytes there. It ends as its command
 * did, by the same signal too.
 */
const BSD: TimeCommand = {
  file: '/usr/bin/time',
  args: (file) => ['-l', '-a', '-o', file],
  read(wrote, end) {
    const times = /([\d.,]+) real\s+([\d.,]+) user\s+([\d.,]+) sys/.exec(wrote);
    if (times === null) return { end };
    const count = (name: string) => toNumber(new RegExp(`^ *(\\d+) +${name}$`, 'm').exec(wrote)?.[1]);
    const kernel = known({
      userMs: seconds(toNumber(times[2])),
      systemMs: seconds(toNumber(times[3])),
      peakRssBytes: count('maximum resident set size'),
      messagesSent: count('messages sent'),
      messagesReceived: count('messages received'),
      signals: count('signals received'),
      voluntarySwitches: count('voluntary context switches'),
      involuntarySwitches: count('involuntary context switches'),
    });
    return { end, kernel };
  },
};

/** The `time(1)` to expect on a platform, still to be tried. */
export const TIME_COMMANDS: Partial<Record<string, TimeCommand>> = { linux: GNU, darwin: BSD };

/** What a command has to do that is run to try a `time(1)`: only one that tells this signal will do. */
export const TRIAL: { command: string[]; signal: string } = {
  command: ['/bin/sh', '-c', 'kill -KILL $$'],
  signal: 'SIGKILL',
};

/**
 * The end of a command that `time` itself could not start, which it says in one line of its own and by exit code 126 or
 * 127; undefined for any other end.
 */
export function notStarted(time: string, command: string, end: ProcessEnd, stderr: string): ProcessEnd | undefined {
  if (end.code !== 126 && end.code !== 127) return undefined;
  const line = stderr.trimEnd();
  const says = [`${time}: cannot run ${command}: `, `time: ${command}: `].find((beginning) =>
    line.startsWith(beginning),
  );
  if (says === undefined || line.includes('\n')) return undefined;
  return { failure: end.code === 127 ? `${command} is not installed` : `${command}: ${line.slice(says.length)}` };
}

function seconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 1000);
}

/** Some locales write a comma for the point. */
function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text.replace(',', '.'));
}

/** Without the figures that are none. */
function known(figures: Record<keyof KernelUsage, number | undefined>): KernelUsage {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)));
}
