import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientDialect, Dialect, Ending, VerdictClass } from '../../src/journal/events.js';
import type { AttemptEvidence } from '../../src/verdict/classify.js';

/** A whole transcript of a real failure, with the class that it is to be given. */
export interface Transcript {
  engine: 'podman' | 'docker';
  version: string;
  mode: 'local' | 'remote' | 'legacy' | 'buildkit' | 'buildx';
  case: string;
  exit: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  class: VerdictClass | 'success';
}

/** What a client printed whose push, or whose build's pull, failed, with the class that it is to be given. */
export interface PushTranscript {
  engine: string;
  version: string;
  mode: Dialect;
  /** `push-503-blob`: what was done, and what the registry (or a proxy before it) or the engine did then. */
  case: string;
  exit: number;
  stdout: string;
  stderr: string;
  class: VerdictClass;
}

/** Error lines from engine sources and user reports, with where they stand and what they mean. */
export interface Sighting {
  id: string;
  engine: string;
  channel: string;
  exampleLines: string[];
  exitCodes: (number | string)[];
  class: VerdictClass;
}

/** What a failed load into a cluster, or the save before it, printed on stderr; what it took to make it fail. */
export interface LoadTranscript {
  case: string;
  provoked: string;
  dialect: ClientDialect;
  exit: number;
  stderr: string;
  /** Absent where the words decide alone. */
  engineDied?: boolean;
  class: VerdictClass;
}

export const ALL_DIALECTS: readonly Dialect[] = ['podman', 'podman-remote', 'buildah', 'docker-legacy', 'buildkit'];

export const TRANSCRIPTS: readonly Transcript[] = read('transcripts.json');
export const PUSH_TRANSCRIPTS: readonly PushTranscript[] = read('push-transcripts.json');
export const SIGHTINGS: readonly Sighting[] = read('signatures.json');
export const LOAD_TRANSCRIPTS: readonly LoadTranscript[] = read('load-transcripts.json');

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(process.cwd(), '__tests__/fixtures', name), 'utf8')) as T;
}

export function dialectOfTranscript({ engine, mode }: Transcript): Dialect {
  if (engine === 'podman') return mode === 'remote' ? 'podman-remote' : 'podman';
  return mode === 'legacy' ? 'docker-legacy' : 'buildkit';
}

/** What the caller knows of a transcript: the engine's state is not part of it. */
export function evidenceOfTranscript(transcript: Transcript): AttemptEvidence & { dialect: Dialect } {
  const { exit, signal, stdout, stderr } = transcript;
  const ending: Ending = signal === null ? { kind: 'exited', code: exit ?? Number.NaN } : { kind: 'signalled', signal };
  return {
    dialect: dialectOfTranscript(transcript),
    ending,
    imageExists: transcript.class === 'success',
    stdout,
    stderr,
  };
}

/** `docker push` is not of buildx, whatever builds. */
export function evidenceOfPush({ mode, case: name, exit, stdout, stderr }: PushTranscript): AttemptEvidence {
  const dialect = mode === 'buildkit' && name.startsWith('push-') ? 'docker-legacy' : mode;
  return { dialect, ending: { kind: 'exited', code: exit }, stdout, stderr };
}

export function evidenceOfLoad({ dialect, exit, stderr, engineDied }: LoadTranscript): AttemptEvidence {
  const ending: Ending = { kind: 'exited', code: exit };
  return { dialect, ending, stdout: '', stderr, ...(engineDied === undefined ? {} : { engineDied }) };
}

const DIALECTS_OF_ENGINE: Readonly<Record<string, readonly Dialect[]>> = {
  'podman --remote / podman machine': ['podman-remote'],
  'podman (local+remote), buildah': ['podman', 'podman-remote', 'buildah'],
  'podman (local), buildah': ['podman', 'buildah'],
  'podman (local)': ['podman'],
  'podman (local or service log)': ['podman'],
  'podman, buildah': ['podman', 'podman-remote', 'buildah'],
  podman: ['podman', 'podman-remote'],
  'podman rootless': ['podman'],
  buildah: ['buildah'],
  'docker (legacy builder)': ['docker-legacy'],
  'docker (all builders)': ['docker-legacy', 'buildkit'],
  docker: ['docker-legacy', 'buildkit'],
  'dockerd log': ['docker-legacy', 'buildkit'],
  'docker (DOCKER_BUILDKIT=1, integrated client)': ['buildkit'],
  'docker buildx / BuildKit': ['buildkit'],
  'any (in RUN)': ALL_DIALECTS,
};

export function dialectsOfSighting({ engine }: Sighting): readonly Dialect[] {
  const dialects = DIALECTS_OF_ENGINE[engine];
  if (dialects === undefined) throw new Error(`no dialect for the engine "${engine}"`);
  return dialects;
}
