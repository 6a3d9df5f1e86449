import type { ClientDialect, Ending, Verdict, VerdictClass } from '../journal/events.js';
import { type OwnWords, readOwnWords } from './own-words.js';
import { redactLine } from './redact.js';
import type { Signature } from './signature.js';
import { findSignature } from './signatures.js';

/** What is known of an attempt that has ended. */
export interface AttemptEvidence {
  dialect: ClientDialect;
  ending: Ending;
  /** After exit 0: whether the image that the client reported exists in the engine. Absent counts as false. */
  imageExists?: boolean;
  /** The last of what the client printed, each stream apart (decoded text, maybe cut at the front). */
  stdout: string;
  stderr: string;
  /** Whether the engine died or did not answer within this attempt; absent: not known. */
  engineDied?: boolean;
  /** How often the kernel killed for want of memory within this attempt, on the engine's machine; absent: not known. */
  oomKills?: number;
}

/** Signals that somebody sends to end a build; those that we sent are an ending of their own. */
const ENDED_BY = ['SIGTERM', 'SIGINT', 'SIGHUP'];
/** Signals of a fault, or of the kernel when memory runs out. The client is part of the engine as we drive it. */
const DIED_OF = ['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGBUS'];

/** Shells, and podman's outer process when rootless, exit with 128 and the number of the signal that ended the inner one. */
const SIGNAL_OF_CODE: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  134: 'SIGABRT',
  135: 'SIGBUS',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

/** The verdict on an attempt, from the first of these that decides: what we did, the image, the client's own words, the engine. */
export function classify(evidence: AttemptEvidence): Verdict | undefined {
  const { ending } = evidence;
  switch (ending.kind) {
    case 'cancelled':
      return verdict('cancelled', [`we ended the attempt: ${ending.reason}`]);
    case 'timed-out':
      return verdict('timeout', [`we ended the attempt after ${ending.afterMs / 1000} s, its time limit`]);
    case 'deadline':
      return verdict('timeout', [`we ended the attempt: the run's deadline of ${ending.afterMs / 1000} s passed`]);
    case 'hung':
      return verdict('engine-crash', [
        `the engine hung: two pings had no answer, and this build had been silent for ${(ending.silentMs / 1000).toFixed(1)} s`,
      ]);
    case 'not-spawned':
      return verdict('usage-error', [`the build command could not be started: ${ending.reason}`]);
    case 'signalled':
      return fromSignal(ending.signal, `${ending.signal}, which we did not send, ended the client`, evidence);
    case 'exited':
      return ending.code === 0 ? fromSuccess(evidence) : fromFailure(ending.code, evidence);
  }
}

/** Whether `engineDied` could change the verdict, so that the engine need be asked only then. */
export function needsEngineState(evidence: AttemptEvidence): boolean {
  const { dialect, ending } = evidence;
  const served = dialect !== 'podman' && dialect !== 'buildah';
  if (!served && ending.kind === 'exited' && ending.code === 0) return false;
  return classify({ ...evidence, engineDied: true })?.class !== classify({ ...evidence, engineDied: false })?.class;
}

function fromSuccess({ dialect, imageExists, engineDied }: AttemptEvidence): Verdict | undefined {
  if (imageExists === true) return undefined;
  const missing = 'exit 0 without an image';
  if (engineDied === true) return verdict('engine-crash', [missing, 'the engine died within this attempt']);
  // https://github.com/containers/podman/commit/0bbef4b830 (v5.3.0) ended what ca7376bb11 (v4.1.0) had begun.
  if (dialect === 'podman') return verdict('cancelled', [`${missing}, as podman 4.1 to 5.2 leaves it after SIGTERM`]);
  return verdict('build-failed', [missing]);
}

function fromFailure(code: number, evidence: AttemptEvidence): Verdict {
  const { dialect, stdout, stderr } = evidence;
  const words = readOwnWords(dialect, stdout, stderr);
  const signature = findSignature(dialect, words, code);
  if (signature !== undefined) return fromSignature(signature, words, evidence);
  if (words.last === undefined) {
    const signal = SIGNAL_OF_CODE[code];
    const silent = `exit code ${code} without an error line`;
    if (signal !== undefined) return fromSignal(signal, `${silent}: ${signal} ended the client`, evidence);
    if (dialect === 'podman' && code === 1) {
      return verdict('cancelled', [`${silent}, as podman ends after SIGINT or SIGTERM`]);
    }
  }
  return unknown(`exit code ${code}`, evidence, words.last);
}

function fromSignature(signature: Signature, words: OwnWords, { engineDied, oomKills }: AttemptEvidence): Verdict {
  const { id, means, whenEngineDied } = signature;
  if (signature.killed && oomKills !== undefined && engineDied !== true) {
    const kills = `the kernel killed ${oomKills} processes for want of memory within this attempt`;
    return verdict(oomKills > 0 ? 'resources-exhausted' : 'build-failed', [means, kills], words.last, id);
  }
  if (whenEngineDied === undefined) return verdict(signature.class, [means], words.last, id);
  if (engineDied === true)
    return verdict(whenEngineDied, ['the engine died within this attempt', means], words.last, id);
  const state =
    engineDied === false ? 'the engine did not die within this attempt' : 'whether the engine died is not known';
  return verdict(signature.class, [means, state], words.last, id);
}

function fromSignal(signal: string, sentence: string, evidence: AttemptEvidence): Verdict {
  if (ENDED_BY.includes(signal)) return verdict('cancelled', [sentence]);
  if (DIED_OF.includes(signal)) return verdict('engine-crash', [sentence]);
  return unknown(sentence, evidence);
}

function unknown(ending: string, { engineDied }: AttemptEvidence, line?: string): Verdict {
  const words = line === undefined ? 'the client printed no error line' : 'its last error line is not one that we know';
  if (engineDied === true) return verdict('engine-crash', ['the engine died within this attempt', ending, words], line);
  return verdict('build-failed', ['unknown: nothing says why the attempt failed', ending, words], line);
}

/** Everything that leaves this room is redacted. */
function verdict(to: VerdictClass, evidence: string[], line?: string, signature?: string): Verdict {
  return {
    class: to,
    evidence: evidence.map(redactLine),
    ...(line === undefined ? {} : { line: redactLine(line) }),
    ...(signature === undefined ? {} : { signature }),
  };
}
