import type { Inputs } from '../../src/inputs/inputs.js';
import { describeProblem } from '../../src/inputs/problems.js';
import { readInputs } from '../../src/inputs/read.js';

/** Reads these inputs, all others unset; `images` is one small image unless given. */
export function read(given: Record<string, string>): { inputs: Inputs; problems: string[] } {
  const set: Record<string, string> = { images: '- name: api', ...given };
  const { inputs, problems } = readInputs((name) => set[name] ?? '');
  return { inputs, problems: problems.map(describeProblem) };
}
