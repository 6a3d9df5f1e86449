import { buildImages } from './build/run.js';
import { runStarted } from './build/run-started.js';
import { settingsOf } from './build/settings.js';
import { detectEngine } from './engine/detection.js';
import { unsupportedProblems } from './engine/support.js';
import { askWithinLimit, createBuildEffects } from './host/build-effects.js';
import { createClock, every, sleep } from './host/clock.js';
import { macFigures } from './host/mac-figures.js';
import { machine } from './host/machine.js';
import { procFiles } from './host/proc-files.js';
import { askClient } from './host/process.js';
import { publish } from './host/publication.js';
import { createRecorder } from './host/recorder.js';
import { createRunFolder, disk, freeBytes } from './host/run-folder.js';
import { handOver, input, onCancel, workspace } from './host/runner.js';
import { startSampling } from './host/sampling.js';
import { tryTime } from './host/time-wrapper.js';
import type { Problem } from './inputs/inputs.js';
import { InputError } from './inputs/problems.js';
import { readInputs } from './inputs/read.js';
import { foldJournal } from './journal/fold.js';
import { planImages } from './plan/plan.js';
import { createLiveReporter } from './report/live.js';
import { createResourceSampler } from './resources/sampler.js';
import { VERSION } from './version.js';

/** A quiet log is told so often what runs. */
const HEARTBEAT_MS = 30_000;

/** A whole run: inputs → plan → engine → builds → reports. Throws on bad inputs, or when no engine answers. */
export async function main(): Promise<void> {
  const { inputs, problems } = readInputs(input);
  const planned = planImages(inputs, { workspace: workspace(), disk });
  refuse([...problems, ...planned.problems]);
  const { images, files } = planned.plan;

  const cancel = new AbortController();
  const stopListening = onCancel(cancel);
  const { signal } = cancel;
  const time = tryTime();
  const engine = await detectEngine(inputs, {
    askServer: (question) => askWithinLimit(question, signal),
    askClient,
    environment: process.env,
    sleep: (ms) => sleep(ms, signal),
  });
  refuse(unsupportedProblems(engine, images));

  const now = createClock();
  const folder = createRunFolder(inputs.report, workspace());
  const { summary, annotations } = inputs;
  handOver.saveRun(folder.path, { summary, annotations });
  const { record, events, beat } = createRecorder(folder, createLiveReporter());
  const settings = settingsOf(inputs);
  const at = { at: now(), version: VERSION, host: machine(), folder: folder.path };
  record(runStarted({ ...at, engine: engine.facts, images, files, settings }));

  const figures = macFigures();
  const sampler = createResourceSampler({ proc: procFiles, freeBytes, now, figures });
  const effects = createBuildEffects({ engine, images, folder, sampler, now, record, signal, time, settings });
  const building = buildImages(images, settings, effects);
  // Only now, so that nothing of it delays the first build.
  const sampling = startSampling({ engine, sampler, figures, events, now, record });
  const stopBeating = every(HEARTBEAT_MS, () => beat(now()));

  const result = await building;
  stopBeating();
  await sampling.stop();
  record({ type: 'run-ended', at: now(), result });
  await publish(foldJournal(events), { write: folder.write, summary, annotations });
  handOver.markReported();
  folder.close();
  stopListening();
}

function refuse(problems: Problem[]): void {
  if (problems.length > 0) throw new InputError(problems);
}
