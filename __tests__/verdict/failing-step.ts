import type { Dialect } from '../../src/journal/events.js';

/** What a client prints when a step prints this text and then fails; each dialect puts it in its own place. */
export function failingStep(
  dialect: Dialect,
  printed: string,
  { run = 'make', code = 1 } = {},
): { stdout: string; stderr: string } {
  const podmanError = `Error: building at STEP "RUN ${run}": while running runtime: exit status ${code}\n`;
  const header = `STEP 3/3: RUN ${run}\n`;
  switch (dialect) {
    case 'podman':
    case 'buildah':
      return { stdout: header, stderr: `${printed}${podmanError}` };
    case 'podman-remote':
      return { stdout: `${header}${printed}`, stderr: `${podmanError}\n` };
    case 'docker-legacy':
      return {
        stdout: `Step 3/3 : RUN ${run}\n ---> Running in 5b9a14b06721\n\x1b[91m${printed}\x1b[0m`,
        stderr: `The command '/bin/sh -c ${run}' returned a non-zero code: ${code}\n`,
      };
    case 'buildkit': {
      const error = `process ${JSON.stringify(`/bin/sh -c ${run}`)} did not complete successfully: exit code: ${code}`;
      const prefixed = (prefix: string) =>
        printed
          .trimEnd()
          .split('\n')
          .map((line) => `${prefix}${line}\n`)
          .join('');
      return {
        stdout: '',
        stderr: [
          '#0 building with "default" instance using docker driver\n\n',
          `#5 [2/2] RUN ${run}\n${prefixed('#5 0.066 ')}#5 ERROR: ${error}\n`,
          `------\n > [2/2] RUN ${run}:\n${prefixed('0.066 ')}------\n`,
          `Dockerfile:3\n--------------------\n   3 | >>> RUN ${run}\n--------------------\n`,
          `ERROR: failed to build: failed to solve: ${error}\n`,
        ].join(''),
      };
    }
  }
}
