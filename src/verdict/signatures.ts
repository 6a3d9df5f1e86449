import type { ClientDialect } from '../journal/events.js';
import { CLUSTER_FAILURES } from './cluster-failures.js';
import { DISK_FAILURES } from './disk-failures.js';
import { DOCKER_CRASHES } from './docker-crashes.js';
import { DOCKER_FAILURES } from './docker-failures.js';
import type { OwnWords } from './own-words.js';
import { PODMAN_CRASHES } from './podman-crashes.js';
import { PODMAN_FAILURES } from './podman-failures.js';
import { PUSH_FAILURES } from './push-failures.js';
import { REGISTRY_FAILURES } from './registry-failures.js';
import type { Signature } from './signature.js';
import { STEP_FAILURES } from './step-failures.js';

/** Every failure that we recognise; the first that matches decides, so that failures come before crashes. */
export const SIGNATURES: readonly Signature[] = [
  ...DISK_FAILURES,
  ...STEP_FAILURES,
  ...PODMAN_FAILURES,
  ...DOCKER_FAILURES,
  ...PUSH_FAILURES,
  ...REGISTRY_FAILURES,
  ...PODMAN_CRASHES,
  ...DOCKER_CRASHES,
  ...CLUSTER_FAILURES,
];

/** The signature of a client that exited with `code` after these words, if it is one that we know. */
export function findSignature(dialect: ClientDialect, words: OwnWords, code: number): Signature | undefined {
  return SIGNATURES.find((signature) => signature.dialects.includes(dialect) && matches(signature, words, code));
}

function matches(signature: Signature, words: OwnWords, code: number): boolean {
  const { last, above = [], step } = signature;
  if (signature.code !== undefined && signature.code !== code) return false;
  if (last === undefined ? words.last !== undefined : !last.test(words.last ?? '')) return false;
  if (step !== undefined && !step.test(words.step ?? '')) return false;
  return above.every((pattern) => words.above.some((line) => pattern.test(line)));
}
