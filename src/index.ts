import { CACHE_SERVICE, cacheServiceProcess } from './host/cache-service.js';
import { keepMemorySmall } from './host/memory.js';
import { failRun } from './host/publication.js';
import { failStep } from './host/runner.js';
import { showWarning } from './host/step-log.js';
import { main } from './main.js';
import { post } from './post.js';

keepMemorySmall();
// Node would print the message of a bug as it is, whatever stands in it.
process.once('uncaughtException', (error) => {
  failStep(messageOf(error));
  process.exit();
});
/**
 * `main` and `post` of both actions are one bundle: dist/post.js, load/index.js and load/post.js add the words by which they
 * are told apart.
 */
const words = process.argv.slice(2);
const loads = words.includes('load');
if (words.includes('post')) {
  // Whatever the main step came to has been decided.
  post(loads).catch((error: unknown) => showWarning(`the run could not be finished: ${messageOf(error)}`));
} else if (words[0] === CACHE_SERVICE) {
  // Started by one of the two.
  void cacheServiceProcess(words.slice(1));
} else {
  (loads ? loadLazily() : main()).catch(failRun);
}

/** Who builds has no use for it. */
async function loadLazily(): Promise<void> {
  await (await import('./load.js')).load();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
