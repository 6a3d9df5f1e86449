import type { Scope } from '../history/scope.js';
import { machine } from './machine.js';
import { workspace } from './runner.js';

/** Whose history this run belongs to: https://docs.github.com/actions/reference/workflows-and-actions/variables */
export function historyScope(engine: string): Scope {
  const { GITHUB_REPOSITORY, GITHUB_WORKFLOW, RUNNER_ENVIRONMENT } = process.env;
  return {
    repository: GITHUB_REPOSITORY || workspace(),
    workflow: GITHUB_WORKFLOW ?? '',
    engine,
    os: process.platform,
    arch: process.arch,
    cpus: machine().cpus,
    environment: RUNNER_ENVIRONMENT ?? '',
  };
}
