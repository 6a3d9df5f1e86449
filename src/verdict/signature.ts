import type { ClientDialect, Dialect, VerdictClass } from '../journal/events.js';

/** What a failure looks like in the client's own words, and what we then hold it to be. */
export interface Signature {
  id: string;
  dialects: readonly ClientDialect[];
  /** The client's own last error line; absent: it ended without one. */
  last?: RegExp;
  /** Each of these is some earlier line. */
  above?: readonly RegExp[];
  /** The header of the legacy docker builder's last step. */
  step?: RegExp;
  /** The exit code that goes with it, where the words alone are too common. */
  code?: number;
  class: VerdictClass;
  /** Ambiguous words: what they mean instead when the engine died within the attempt. Absent: they are definite. */
  whenEngineDied?: VerdictClass;
  /** Something killed the step: when the kernel killed for want of memory meanwhile, it was that, and else it was not. */
  killed?: true;
  /** What the words say, as a sentence for the report. */
  means: string;
  /** Where the words come from: version and file, issue, or the transcripts and signatures of the tests' fixtures. */
  source: string;
}

/** Podman and buildah share the code that builds, whoever runs it. */
export const PODMAN_FAMILY: readonly Dialect[] = ['podman', 'podman-remote', 'buildah'];
export const DOCKER_FAMILY: readonly Dialect[] = ['docker-legacy', 'buildkit'];

/** What buildx puts before an error: 0.25 added the second part, and the client inside docker 20.10 has neither. */
export const BUILDX = '(?:(?:ERROR|Error|error): )?(?:failed to build: )?';

/**
 * A pattern for a whole line, so that no signature can match a part of one. Write no two unbounded parts that can match
 * the same text side by side: a hostile line must not take more than linear time.
 */
export function whole(parts: TemplateStringsArray, ...fragments: string[]): RegExp {
  return new RegExp(`^(?:${String.raw(parts, ...fragments)})$`, 'su');
}
