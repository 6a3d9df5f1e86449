import { readArchive } from './archive.js';
import { findConflicts } from './conflicts.js';
import type { InputName } from './defaults.js';
import { type Definitions, NO_DEFINITIONS } from './definitions/source.js';
import { DURATION_EXPECTED, parseDelay, parseDuration } from './durations.js';
import { checkImages, readImages } from './images.js';
import { createInputReader } from './input-reader.js';
import { type ImageInput, type Inputs, type Problem, RETRYABLE_VERDICTS, type RetryableVerdict } from './inputs.js';
import { readLoadTargets } from './load-targets.js';
import { readSecrets } from './secrets.js';
import { parseSize, SIZE_EXPECTED } from './sizes.js';
import {
  BOOLEAN_EXPECTED,
  isFullPair,
  isPair,
  parseBoolean,
  parseFactor,
  parseWhole,
  splitLines,
  splitNames,
} from './values.js';

const RECOVERIES = ['wait', 'restart', 'none'] as const;
const CACHES = ['off', 'history', 'images'] as const;
const ENGINES = ['auto', 'podman', 'docker', 'buildah'] as const;
const DELAY_EXPECTED = 'a duration such as 5s, 1m30s or 0s';

/**
 * Reads every input; `get` gives an input's raw, untrimmed value ('' when unset), and `definitions` are what the input `files`
 * names, read already. Wrong values fall back to their
 * default so that every problem is found at once; `inputs` may be used only when `problems` is empty (planning may
 * still run to find more).
 */
export function readInputs(
  get: (name: string) => string,
  definitions: Definitions = NO_DEFINITIONS,
): { inputs: Inputs; problems: Problem[] } {
  const reader = createInputReader(get);
  const { raw, value } = reader;
  const boolean = (name: InputName) => value(name, parseBoolean, BOOLEAN_EXPECTED);
  const whole = (name: InputName, min: number) =>
    value(name, (text) => parseWhole(text, min), `a whole number of at least ${min}`);

  const { images, problems: imageProblems } = readAllImages(raw('images'), raw('files'), definitions);
  const { secrets, problems: secretProblems } = readSecrets(reader);
  const { load, problems: loadProblems } = readLoadTargets(raw('load'));
  const engineUrl = reader.optional(
    'engine-url',
    /^(?:unix|tcp|ssh|npipe):\/\/\S+$/,
    'an address that begins with unix://, tcp://, ssh:// or npipe://',
  );
  const builder = reader.optional('builder', /^[^\s-]\S*$/, 'the name of a buildx builder');
  const report = reader.optional('report', /^[^\0]+$/, 'a folder');
  const recoveryCommand = reader.optional('recovery-command', /\S/, 'a shell command');
  const archive = readArchive(reader);
  const deadlineMs = raw('deadline').trim() === '' ? undefined : value('deadline', parseDuration, DURATION_EXPECTED);
  const minFreeDiskBytes =
    raw('min-free-disk').trim() === '' ? undefined : value('min-free-disk', parseSize, SIZE_EXPECTED);
  const inputs: Inputs = {
    images,
    targets: splitNames(raw('targets')),
    engine: value('engine', (text) => ENGINES.find((engine) => engine === text), `one of ${ENGINES.join(', ')}`),
    ...(engineUrl === undefined ? {} : { engineUrl }),
    ...(builder === undefined ? {} : { builder }),
    maxParallel: value('max-parallel', parseParallel, 'a whole number of at least 1, or auto'),
    retries: whole('retries', 0),
    retryMinTimeoutMs: value('retry-min-timeout', parseDelay, DELAY_EXPECTED),
    retryMaxTimeoutMs: value('retry-max-timeout', parseDelay, DELAY_EXPECTED),
    retryFactor: value('retry-factor', parseFactor, 'a number of at least 1'),
    serialAfter: whole('serial-after', 0),
    retryOn: value('retry-on', parseRetryable, `any of ${RETRYABLE_VERDICTS.join(', ')}`),
    recovery: value('recovery', (text) => RECOVERIES.find((mode) => mode === text), `one of ${RECOVERIES.join(', ')}`),
    ...(recoveryCommand === undefined ? {} : { recoveryCommand }),
    stallTimeoutMs: value('stall-timeout', parseDuration, DURATION_EXPECTED),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    recoveryTimeoutMs: value('recovery-timeout', parseDuration, DURATION_EXPECTED),
    timeoutMs: value('timeout', parseDuration, DURATION_EXPECTED),
    failFast: boolean('fail-fast'),
    cleanup: boolean('cleanup'),
    prune: boolean('prune'),
    ...(minFreeDiskBytes === undefined ? {} : { minFreeDiskBytes }),
    cache: value('cache', (text) => CACHES.find((cache) => cache === text), `one of ${CACHES.join(', ')}`),
    learn: boolean('learn'),
    sharedLane: boolean('shared-lane'),
    buildArgs: reader.pairs('build-args', isPair, '`KEY=VALUE`, or `KEY` alone to take its value from the environment'),
    labels: reader.pairs('labels', isFullPair, '`KEY=VALUE`'),
    secrets,
    platforms: splitNames(raw('platforms')),
    pull: boolean('pull'),
    noCache: boolean('no-cache'),
    fresh: boolean('fresh'),
    push: boolean('push'),
    extraArgs: splitLines(raw('extra-args')),
    ...(archive === undefined ? {} : { archive }),
    load,
    summary: boolean('summary'),
    annotations: boolean('annotations'),
    ...(report === undefined ? {} : { report }),
  };
  return {
    inputs,
    problems: [
      ...imageProblems,
      ...reader.problems,
      ...secretProblems,
      ...loadProblems,
      ...findConflicts(inputs, reader),
    ],
  };
}

function readAllImages(
  written: string,
  files: string,
  definitions: Definitions,
): { images: ImageInput[]; problems: Problem[] } {
  const isInFiles = written.trim() === '' && files.trim() !== '';
  const own = isInFiles ? { images: [], problems: [] } : readImages(written);
  const images = [...own.images, ...definitions.images];
  const problems = [...own.problems, ...definitions.problems, ...checkImages(images)];
  if (images.length > 0 || problems.length > 0) return { images, problems };
  const expected = 'files that define an image to build: a service with build, a target, or an image of ours';
  return { images, problems: [{ where: 'files', seen: files.trim(), expected }] };
}

function parseParallel(text: string): number | 'auto' | undefined {
  return text === 'auto' ? 'auto' : parseWhole(text, 1);
}

function parseRetryable(text: string): RetryableVerdict[] | undefined {
  const named = splitNames(text).map((name) => RETRYABLE_VERDICTS.find((verdict) => verdict === name));
  return named.every((verdict) => verdict !== undefined) ? named : undefined;
}
