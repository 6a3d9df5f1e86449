import type { ClientDialect } from '../journal/events.js';
import { readLine } from './line-text.js';

/** What the client said itself, apart from what the steps of the build printed. Lines are redacted. */
export interface OwnWords {
  /** Its last error line; absent when it ended without one. */
  last?: string;
  /** The lines before that one: with a local engine the steps' output is among them. */
  above: readonly string[];
  /** The header of the last step, with the legacy docker builder. */
  step?: string;
}

/** Warnings, usage help, advice and notices: not what went wrong. */
const ASIDE = [
  /^(?:time="[^"]*" level=(?:warning|info|debug|trace) |(?:WARN|INFO|DEBU|TRAC)\[)/,
  // Rootless podman and buildah run themselves again in a user namespace; the outer one adds only the inner one's code.
  /^(?:time="[^"]*" level=error msg="|ERRO\[\d+\] )exit status \d+"?$/,
  /^See '[^']* --help'\.?$/,
  /^Usage: /,
  /^Run '[^']* --help' /,
  /^DEPRECATED: /,
  /^WARNING: /,
  /^(?:View build details: |What's next:)/,
];

/** Podman and buildah begin their errors like this; the output of a local build's steps is on the same stream. */
const PODMAN_ERROR =
  /^(?:Error: |error (?:building at STEP|running container|in copier subprocess)|Cannot connect to Podman\.|failed to reexec: |time="[^"]*" level=(?:error|fatal|panic) |(?:ERRO|FATA)\[)/;

/** The end of a failed step's error: its beginning may stand behind the step's output, or some lines above. */
const STEP_ERROR_END = /": (?:while running runtime: )?exit status \d+$/;

/** kind quotes what a command that it ran has printed. */
const QUOTED = /^Command Output: /;
const IN_NODE = /^(?:Command Output: )?ctr: /;

/** BuildKit's plain progress, the excerpt of a failed step's output, and the excerpt of the Dockerfile. */
const PROGRESS = /^(?:#\d+(?: |$)|-{3,}$|\d+\.\d+ |[^\s:]+:\d+$)/;

/** Reads the client's own words from where its dialect puts them (DESIGN "Only the client's own words count"). */
export function readOwnWords(dialect: ClientDialect, stdout: string, stderr: string): OwnWords {
  const lines = stderr.split('\n').map(readLine);
  const at = lastOwnLine(dialect, lines);
  const last = ownError(dialect, lines[at] ?? '');
  const above = lines.slice(0, last === undefined ? lines.length : at);
  switch (dialect) {
    case 'podman-remote':
      // The server's own remarks come with the steps' output, on the client's stdout.
      return words(last, [...above, ...stdout.split('\n').map(readLine)]);
    case 'docker-legacy': {
      const step = stdout.split('\n').findLast((line) => /^Step \d+\/\d+ : /.test(line));
      return { ...words(last, above), ...(step === undefined ? {} : { step: readLine(step) }) };
    }
    default:
      return words(last, above);
  }
}

/**
 * What ends a command in a node makes podman's client tell of a broken stream too, below the command's own word: of those that
 * work for each other the innermost knows best.
 */
function lastOwnLine(dialect: ClientDialect, lines: readonly string[]): number {
  const innermost = dialect === 'cluster' ? lines.findLastIndex((line) => IN_NODE.test(line)) : -1;
  return innermost !== -1 ? innermost : lines.findLastIndex((line) => !isAside(dialect, line));
}

function words(last: string | undefined, above: readonly string[]): OwnWords {
  return { ...(last === undefined ? {} : { last }), above };
}

function isAside(dialect: ClientDialect, line: string): boolean {
  if (line === '') return true;
  // A warning that the step printed without a newline at its end has the client's error behind it.
  if (STEP_ERROR_END.test(line)) return false;
  // Docker's clients indent excerpts and the later lines of notices, never an error.
  if ((dialect === 'docker-legacy' || dialect === 'buildkit') && /^\s/.test(line)) return true;
  return ASIDE.some((pattern) => pattern.test(line));
}

function ownError(dialect: ClientDialect, line: string): string | undefined {
  switch (dialect) {
    case 'podman':
    case 'podman-remote':
    case 'buildah': {
      if (PODMAN_ERROR.test(line)) return line;
      // Output of a step without a newline at its end stands on the same line, in front.
      const at = line.search(/Error: (?:building at STEP "|committing container )/);
      if (at !== -1) return line.slice(at);
      // An instruction in JSON form can hold line breaks.
      return STEP_ERROR_END.test(line) ? line : undefined;
    }
    case 'docker-legacy':
      return line === '' ? undefined : line;
    case 'buildkit':
      return line === '' || PROGRESS.test(line) ? undefined : line;
    case 'cluster':
      return line === '' ? undefined : line.replace(QUOTED, '');
  }
}
