import { readdirSync, readFileSync } from 'node:fs';

/** Pids of the build clients that talk to this server, as the kernel shows them. */
export function buildClients(url: string): number[] {
  return buildProcesses((words) => words[0]?.endsWith('podman') === true && words.includes(url));
}

/** Pids of the engines' build commands that are meant. */
export function buildProcesses(isMeant: (words: string[]) => boolean): number[] {
  return processesWith('build').filter((pid) => isMeant(commandLine(pid)));
}

/** Pids of the processes that have this word among their arguments. */
export function processesWith(word: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => commandLine(pid).includes(word));
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It ended between the listing and the look.
    return [];
  }
}
