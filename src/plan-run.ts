import { containerfileReader } from './host/containerfile.js';
import { definitionEffects } from './host/definition-effects.js';
import { disk } from './host/run-folder.js';
import { input, workspace } from './host/runner.js';
import { showLine } from './host/step-log.js';
import { readDefinitions } from './inputs/definitions/read.js';
import type { Inputs } from './inputs/inputs.js';
import { refuse } from './inputs/problems.js';
import { readInputs } from './inputs/read.js';
import { readLeadingSteps } from './plan/leading-steps.js';
import { findNeeds } from './plan/needs.js';
import { type Plan, planImages } from './plan/plan.js';

/** The first stages of a run: inputs and definition files → plan. Throws an InputError that holds all that is wrong. */
export async function planRun(scratch: string, signal: AbortSignal): Promise<{ inputs: Inputs; plan: Plan }> {
  const place = { workspace: workspace(), disk, environment: process.env, scratch };
  const definitions = await readDefinitions(input('files'), definitionEffects(place.workspace, scratch, signal));
  for (const notice of definitions.notices) showLine(notice);
  const { inputs, problems } = readInputs(input, definitions);
  const read = containerfileReader(place.workspace);
  const needs = await findNeeds(inputs, { ...place, read });
  const { plan, problems: more } = planImages(inputs, place, needs);
  refuse([...problems, ...more]);
  const leadingSteps = () => readLeadingSteps(plan.images, read, place.environment);
  return { inputs, plan: { ...plan, leadingSteps } };
}
