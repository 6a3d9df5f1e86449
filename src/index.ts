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
/** `main` and `post` are one bundle: dist/post.js adds the word by which they are told apart (scripts/build.mjs). */
if (process.argv[2] === 'post') {
  // Whatever the main step came to has been decided.
  post().catch((error: unknown) => showWarning(`the run could not be finished: ${messageOf(error)}`));
} else if (process.argv[2] === CACHE_SERVICE) {
  // Started by one of the two.
  void cacheServiceProcess(process.argv.slice(3));
} else {
  main().catch(failRun);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
