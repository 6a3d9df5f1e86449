// Images of the soak: small ones that build without a registry, some of them broken for good.
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Real failures, with a line that looks like a crash among them. */
const FAILURES = [
  'RUN exit 7',
  'RUN exit 125',
  'COPY nosuch /x',
  'RUNN foo',
  "RUN echo 'Error: server probably quit: unexpected EOF' >&2; exit 125",
];

/**
 * Writes an image's context; its steps write what `proof` says that they should.
 * @param {string} workspace @param {string} name @param {ReturnType<import('./soak-random.mjs').randomFrom>} random
 */
export function makeImage(workspace, name, random) {
  const context = join(workspace, name);
  mkdirSync(join(context, 'rootfs', 'bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(context, 'rootfs', 'bin', 'busybox'));
  for (const applet of ['sh', 'cat', 'true']) symlinkSync('busybox', join(context, 'rootfs', 'bin', applet));
  const broken = random.next() < 0.2;
  const steps = Array.from(
    { length: 1 + Math.floor(random.next() * 4) },
    (_, step) => `RUN /bin/busybox sleep ${random.between(0.1, 1.5).toFixed(2)} && echo ${name}-${step} >> /proof`,
  );
  const lines = ['FROM scratch', 'COPY rootfs/ /', ...steps, ...(broken ? [random.pick(FAILURES)] : [])];
  writeFileSync(join(context, 'Containerfile'), `${lines.join('\n')}\n`);
  writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
  writeFileSync(join(context, 'rootfs', 'name'), name);
  return {
    name,
    context,
    tags: [`localhost/soak/${name}:e2e`],
    broken,
    proof: steps.map((_, step) => `${name}-${step}`).join('\n'),
  };
}
