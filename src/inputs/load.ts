import { INPUT_DEFAULTS, type InputName } from './defaults.js';
import type { Inputs, Problem } from './inputs.js';
import { readInputs } from './read.js';
import { splitNames } from './values.js';

/** The inputs that load/action.yml has as action.yml has them. */
const SHARED = [
  'engine',
  'engine-url',
  'max-parallel',
  'retries',
  'retry-min-timeout',
  'retry-max-timeout',
  'retry-factor',
  'serial-after',
  'retry-on',
  'recovery',
  'recovery-command',
  'recovery-timeout',
  'stall-timeout',
  'deadline',
  'timeout',
  'fail-fast',
  'load',
  'summary',
  'annotations',
  'report',
] as const satisfies readonly InputName[];

/** Every input that load/action.yml declares, with its default as text. */
export const LOAD_INPUT_DEFAULTS: Readonly<Record<string, string>> = {
  path: '',
  images: '',
  ...Object.fromEntries(SHARED.map((name) => [name, INPUT_DEFAULTS[name]])),
};

/** The inputs of the action that loads a folder of archives. */
export interface LoadInputs {
  /** How the run goes; there is nothing in it to build. */
  run: Inputs;
  /** The folder of archives, relative to the workspace or absolute. */
  path: string;
  /** Names of images, or patterns of them; empty means all. */
  images: string[];
}

/** Reads every input of the action that loads; as with `readInputs`, what is read may be used only without problems. */
export function readLoadInputs(get: (name: string) => string): { inputs: LoadInputs; problems: Problem[] } {
  const shared = readInputs((name) => (SHARED.some((known) => known === name) ? get(name) : ''));
  const path = get('path').trim();
  const problems: Problem[] =
    path === '' || path.includes('\0')
      ? [{ where: 'path', seen: path, expected: 'the folder of archives, relative to the workspace or absolute' }]
      : [];
  return {
    // Loading leaves no containers and layers that could be told from others, and teaches nothing of builds.
    inputs: {
      run: { ...shared.inputs, images: [], cleanup: false, cache: 'off' },
      path,
      images: splitNames(get('images')),
    },
    // What to build was not given, and is not wanted.
    problems: [...problems, ...shared.problems.filter(({ where }) => where !== 'images')],
  };
}
