import { keepMemorySmall } from './host/memory.js';
import { failRun } from './host/publication.js';
import { failStep, handOver } from './host/runner.js';
import { showWarning } from './host/step-log.js';
import { main } from './main.js';
import { post } from './post.js';

keepMemorySmall();
// Node would print the message of a bug as it is, whatever stands in it.
process.once('uncaughtException', (error) => {
  failStep(messageOf(error));
  process.exit();
});
/** The action that loads is the same bundle, told so by load/index.js. */
const loads = process.argv[2] === 'load';
/** `main` and `post` are one bundle: the state that main leaves tells them apart. */
if (handOver.isPost()) {
  // Whatever the main step came to has been decided.
  post(loads).catch((error: unknown) => showWarning(`the run could not be finished: ${messageOf(error)}`));
} else {
  handOver.markPost();
  (loads ? loadLazily() : main()).catch(failRun);
}

/** Who builds has no use for it. */
async function loadLazily(): Promise<void> {
  await (await import('./load.js')).load();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
