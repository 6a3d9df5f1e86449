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
/** `main` and `post` are one bundle: the state that main leaves tells them apart. */
if (handOver.isPost()) {
  // Whatever the main step came to has been decided.
  post().catch((error: unknown) => showWarning(`the run could not be finished: ${messageOf(error)}`));
} else {
  handOver.markPost();
  main().catch(failRun);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
