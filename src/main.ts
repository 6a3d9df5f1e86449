import { announceRun } from './announcement.js';
import { buildImages } from './build/run.js';
import { engineProblems } from './engine/support.js';
import { createBuildEffects } from './host/build-effects.js';
import { createClock } from './host/clock.js';
import { containerfileReader } from './host/containerfile.js';
import { findEngine } from './host/engine-search.js';
import { type LoadingHistory, loadHistory } from './host/history-loading.js';
import { publish } from './host/publication.js';
import { createRecorder } from './host/recorder.js';
import { createRunFolder } from './host/run-folder.js';
import { cancelSignal, handOver, workspace } from './host/runner.js';
import { prepareSampling } from './host/sampling.js';
import { chooseScratchPath, createScratchFolder, type ScratchFolder } from './host/scratch-folder.js';
import { provideSecrets } from './host/secret-files.js';
import { tryTime } from './host/time-wrapper.js';
import type { Inputs } from './inputs/inputs.js';
import { refuse } from './inputs/problems.js';
import { foldJournal } from './journal/fold.js';
import type { Plan } from './plan/plan.js';
import { planRun } from './plan-run.js';

/** A whole run: inputs → plan → engine → builds → reports. Throws on bad inputs, or when no engine answers. */
export async function main(): Promise<void> {
  const scratch = chooseScratchPath();
  handOver.saveScratch(scratch);
  const signal = cancelSignal();
  const { inputs, plan } = await planRun(scratch, signal);
  const folder = createScratchFolder(scratch);
  const history = loadHistory(inputs, scratch, signal);
  const clean = await run(inputs, plan, folder, history, signal).finally(() => {
    history.stop();
    folder.remove();
  });
  if (clean) handOver.markFinished();
}

/** Builds the images, or loads those for which archives are given. Resolves with whether nothing is left to do. */
export async function run(
  inputs: Inputs,
  plan: Plan,
  scratch: ScratchFolder,
  history: LoadingHistory,
  signal: AbortSignal,
): Promise<boolean> {
  const { images, archived, leadingSteps } = plan;
  scratch.keep(plan);
  const secrets = provideSecrets(plan.secrets, scratch);
  const time = tryTime(scratch.filePath('figures'));
  const engine = await findEngine(inputs, images, signal);
  refuse(engineProblems(engine, images, containerfileReader(workspace())));

  const now = createClock();
  const folder = createRunFolder(inputs.report, workspace(), (path) => handOver.saveRun(path, inputs));
  const { record, events, startHeartbeat } = createRecorder(folder, secrets.redactor);
  const warnings = [...plan.warnings, ...secrets.warnings];
  const settings = await announceRun({ inputs, plan, engine, history, folder: folder.path, warnings, now, record });

  const { sampler, startSampling } = prepareSampling(now);
  const on = { engine, images, archived, leadingSteps, folder, history, scratch, secrets, sampler };
  const building = buildImages(images, settings, createBuildEffects({ ...on, now, record, signal, time, settings }));
  // Only now, so that nothing of it delays the first build.
  const sampling = startSampling({ engine, events, record });
  const stopHeartbeat = startHeartbeat(now);

  const { result, clean } = await building;
  await Promise.all([sampling.stop(), history.stop(), stopHeartbeat()]);
  record({ type: 'run-ended', at: now(), result });
  await publish(foldJournal(events), { ...inputs, write: folder.write, fails: true });
  folder.close();
  return clean;
}
