import { buildImages } from './build/run.js';
import { runStarted } from './build/run-started.js';
import { settingsOf } from './build/settings.js';
import { leakProblems } from './engine/secret-context.js';
import { unsupportedProblems } from './engine/support.js';
import { createBuildEffects } from './host/build-effects.js';
import { createClock } from './host/clock.js';
import { containerfileReader } from './host/containerfile.js';
import { findEngine } from './host/engine-search.js';
import { type LoadingHistory, loadHistory } from './host/history-loading.js';
import { machine } from './host/machine.js';
import { publish } from './host/publication.js';
import { createRecorder } from './host/recorder.js';
import { createRunFolder, disk } from './host/run-folder.js';
import { cancelSignal, handOver, input, workspace } from './host/runner.js';
import { prepareSampling } from './host/sampling.js';
import { chooseScratchPath, createScratchFolder, type ScratchFolder } from './host/scratch-folder.js';
import { provideSecrets } from './host/secret-files.js';
import { tryTime } from './host/time-wrapper.js';
import type { Inputs } from './inputs/inputs.js';
import { refuse } from './inputs/problems.js';
import { readInputs } from './inputs/read.js';
import { foldJournal } from './journal/fold.js';
import { type Plan, planImages } from './plan/plan.js';
import { VERSION } from './version.js';

/** A whole run: inputs → plan → engine → builds → reports. Throws on bad inputs, or when no engine answers. */
export async function main(): Promise<void> {
  const { inputs, problems } = readInputs(input);
  const scratch = chooseScratchPath();
  const planned = planImages(inputs, { workspace: workspace(), disk, environment: process.env, scratch });
  refuse([...problems, ...planned.problems]);

  handOver.saveScratch(scratch);
  const folder = createScratchFolder(scratch);
  const signal = cancelSignal();
  const history = loadHistory(inputs, scratch, signal);
  let clean = false;
  try {
    clean = await run(inputs, planned.plan, folder, history, signal);
  } finally {
    history.stop();
    folder.remove();
  }
  if (clean) handOver.markFinished();
}

/** Resolves with whether nothing is left to do. */
async function run(inputs: Inputs, plan: Plan, scratch: ScratchFolder, history: LoadingHistory, signal: AbortSignal) {
  const { images, files } = plan;
  const secrets = provideSecrets(plan.secrets, scratch);
  const time = tryTime(scratch.filePath('figures'));
  const engine = await findEngine(inputs, signal);
  refuse([...unsupportedProblems(engine, images), ...leakProblems(engine, images, containerfileReader(workspace()))]);

  const now = createClock();
  const folder = createRunFolder(inputs.report, workspace(), (path) => handOver.saveRun(path, inputs));
  const { record, events, startHeartbeat } = createRecorder(folder, secrets.redactor);
  const settings = settingsOf(inputs);
  await history.inTime();
  const at = { at: now(), version: VERSION, host: machine(), folder: folder.path, history: history.now() };
  record(runStarted({ ...at, engine: engine.facts, images, files, settings }));
  history.tell({ engine: engine.facts, images, record, now });
  for (const message of [...plan.warnings, ...secrets.warnings]) record({ type: 'warning', at: now(), message });

  const { sampler, startSampling } = prepareSampling(now);
  const on = { engine, images, folder, scratch, secrets, sampler };
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
