import { INPUT_DEFAULTS } from './defaults.js';
import type { InputReader } from './input-reader.js';
import type { Inputs, Problem } from './inputs.js';

/** Inputs that are right one by one but not together; those that are wrong already are left alone. */
export function findConflicts(inputs: Inputs, reader: Pick<InputReader, 'raw' | 'problems'>): Problem[] {
  const conflicts: Problem[] = [];
  const wrong = new Set(reader.problems.map((problem) => problem.where));
  if (
    inputs.retryMinTimeoutMs > inputs.retryMaxTimeoutMs &&
    !wrong.has('retry-min-timeout') &&
    !wrong.has('retry-max-timeout')
  ) {
    const written = (name: 'retry-min-timeout' | 'retry-max-timeout') =>
      reader.raw(name).trim() || INPUT_DEFAULTS[name];
    conflicts.push({
      where: 'retry-min-timeout',
      seen: written('retry-min-timeout'),
      expected: `at most retry-max-timeout, which is ${written('retry-max-timeout')}`,
    });
  }
  if (inputs.recoveryCommand !== undefined && inputs.recovery !== 'restart' && !wrong.has('recovery')) {
    const expected = `no command with recovery ${inputs.recovery}`;
    conflicts.push({
      where: 'recovery-command',
      seen: inputs.recoveryCommand,
      expected,
      hint: 'set recovery: restart to have it run',
    });
  }
  if (inputs.prune && !isHandedOver(inputs) && !['archive', 'load', 'push'].some((name) => wrong.has(name))) {
    conflicts.push({
      where: 'prune',
      seen: 'true',
      expected: 'archive or push or load with it: images that go nowhere would be built and lost',
      hint: 'say where images go, or leave prune out',
    });
  }
  if (inputs.fresh && inputs.noCache && !wrong.has('fresh') && !wrong.has('no-cache')) {
    conflicts.push({
      where: 'no-cache',
      seen: 'true',
      expected: 'no no-cache for every image with fresh, as no image could share what another one built',
      hint: 'leave it out, or set it on the images that must build each step themselves',
    });
  }
  if (inputs.builder !== undefined && (inputs.engine === 'podman' || inputs.engine === 'buildah')) {
    const expected = `no builder with engine ${inputs.engine}`;
    conflicts.push({
      where: 'builder',
      seen: inputs.builder,
      expected,
      hint: 'builders are buildx, so of docker only',
    });
  }
  if (inputs.engineUrl !== undefined && inputs.engine === 'buildah') {
    const expected = 'no address with engine buildah';
    conflicts.push({ where: 'engine-url', seen: inputs.engineUrl, expected, hint: 'buildah builds without a server' });
  }
  return conflicts;
}

function isHandedOver({ archive, load, push, images }: Inputs): boolean {
  return archive !== undefined || load.length > 0 || push || images.some((image) => image.push);
}
