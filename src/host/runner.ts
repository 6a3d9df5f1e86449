import * as core from '@actions/core';
import { plainLines } from '../report/plain-text.js';

/** An input's raw value, '' when it is not set. */
export function input(name: string): string {
  return core.getInput(name, { trimWhitespace: false });
}

/** The folder that relative paths are taken from: the checked-out workspace. */
export function workspace(): string {
  return process.env['GITHUB_WORKSPACE'] || process.cwd();
}

/** Sets each output of the step. */
export function setOutputs(outputs: Record<string, string>): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
}

/** Fails the step, with this message as its error. */
export function failStep(message: string): void {
  core.setFailed(plainLines(message));
}

/** Adds markdown to the job summary; where that cannot be done it is a warning, never a failure. */
export async function addSummary(markdown: string): Promise<void> {
  if (!process.env['GITHUB_STEP_SUMMARY']) return;
  try {
    await core.summary.addRaw(markdown, true).write();
  } catch (error) {
    core.warning(`the job summary could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Has the runner hide a value in its log; anywhere else there is nobody to hide it, and the request would show it. */
export function maskSecret(value: string): void {
  if (process.env['GITHUB_ACTIONS'] === 'true' && value.trim() !== '') core.setSecret(value.trim());
}

/** What the main step leaves to its post step. */
export const handOver = {
  /** Kept before the folder is made, as there will be secrets in it, and its path is what our builds are known by. */
  saveScratch: (path: string): void => core.saveState('scratch', path),
  /** Kept before the folder is there, so that a post step can report a run that was killed. */
  saveRun: (folder: string, { summary, annotations }: { summary: boolean; annotations: boolean }): void => {
    core.saveState('folder', folder);
    core.saveState('summary', String(summary));
    core.saveState('annotations', String(annotations));
  },
  run: (): { scratch: string; folder: string; summary: boolean; annotations: boolean } => ({
    scratch: core.getState('scratch'),
    folder: core.getState('folder'),
    summary: core.getState('summary') !== 'false',
    annotations: core.getState('annotations') !== 'false',
  }),
  /** Nothing is left for the post step. */
  markFinished: (): void => core.saveState('finished', 'true'),
  finished: (): boolean => core.getState('finished') === 'true',
};

/**
 * A signal that aborts when the runner cancels the step (SIGINT, later SIGTERM). It listens to the last, so that a step that
 * has just done its work is not cut short.
 */
export function cancelSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort(name));
  return controller.signal;
}
