// Makes what the images' contexts need and the repository does not hold. Prints the `build-args` to build with.
import { fileURLToPath } from 'node:url';
import { fillContexts } from '../../demo/kubernaut-like.mjs';

console.log(fillContexts(fileURLToPath(new URL('.', import.meta.url))).buildArgs);
