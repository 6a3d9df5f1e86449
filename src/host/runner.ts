import * as core from '@actions/core';

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
  core.setFailed(message);
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

/** What the main step leaves to its post step. */
export const handOver = {
  isPost: (): boolean => core.getState('post') === 'true',
  markPost: (): void => core.saveState('post', 'true'),
  /** Kept as soon as the folder is there, so that a post step can report a run that was killed. */
  saveRun: (folder: string, { summary, annotations }: { summary: boolean; annotations: boolean }): void => {
    core.saveState('folder', folder);
    core.saveState('summary', String(summary));
    core.saveState('annotations', String(annotations));
  },
  run: (): { folder: string; summary: boolean; annotations: boolean } => ({
    folder: core.getState('folder'),
    summary: core.getState('summary') !== 'false',
    annotations: core.getState('annotations') !== 'false',
  }),
  markReported: (): void => core.saveState('reported', 'true'),
  reported: (): boolean => core.getState('reported') === 'true',
};

/** Aborts when the runner cancels the step (SIGINT, later SIGTERM). The function it returns stops listening. */
export function onCancel(controller: AbortController): () => void {
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((signal) => {
    const listener = () => controller.abort(signal);
    process.on(signal, listener);
    return () => process.removeListener(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}
