import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A static busybox, from Debian's busybox-static. */
const BUSYBOX = '/bin/busybox';

/**
 * Writes an image that builds without a registry: `FROM scratch`, a static busybox, then the given instructions.
 * Returns its definition as the `images` input takes it.
 */
export function writeImage(
  workspace: string,
  name: string,
  instructions: string[],
): { name: string; context: string; tags: string[] } {
  const context = join(workspace, name);
  mkdirSync(join(context, 'rootfs', 'bin'), { recursive: true });
  copyFileSync(BUSYBOX, join(context, 'rootfs', 'bin', 'busybox'));
  symlinkSync('busybox', join(context, 'rootfs', 'bin', 'sh'));
  writeFileSync(join(context, 'Containerfile'), ['FROM scratch', 'COPY rootfs/ /', ...instructions, ''].join('\n'));
  return { name, context: name, tags: [`localhost/${name}:e2e`] };
}

/** Steps that take so many seconds each and leave a file, so that no two images share a layer. */
export function steps(name: string, seconds: number[]): string[] {
  return seconds.map((duration, index) => `RUN /bin/busybox sleep ${duration} && echo ${name} > /step${index}`);
}
