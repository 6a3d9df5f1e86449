import { keepMemorySmall } from './host/memory.js';
import { failStep, handOver } from './host/runner.js';
import { main } from './main.js';
import { post } from './post.js';

keepMemorySmall();
/** `main` and `post` are one bundle: the state that main leaves tells them apart. */
const entry = handOver.isPost() ? post : main;
handOver.markPost();
entry().catch((error: unknown) => failStep(error instanceof Error ? error.message : String(error)));
