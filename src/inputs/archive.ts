import type { InputReader } from './input-reader.js';
import type { ArchiveInput } from './inputs.js';

const FORMATS = ['docker', 'oci'] as const;
const COMPRESSIONS = ['none', 'zstd'] as const;
const LAYOUTS = ['per-image', 'single'] as const;

/** Reads the inputs that begin with `archive`; without a folder there is no archive, whatever the others say. */
export function readArchive(reader: InputReader): ArchiveInput | undefined {
  const choice = <T extends string>(
    name: 'archive-format' | 'archive-compression' | 'archive-layout',
    of: readonly T[],
  ) => reader.value(name, (text) => of.find((one) => one === text), `one of ${of.join(', ')}`);
  const folder = reader.optional('archive', /^[^\0]+$/, 'a folder');
  const style = {
    format: choice('archive-format', FORMATS),
    compression: choice('archive-compression', COMPRESSIONS),
    layout: choice('archive-layout', LAYOUTS),
  };
  return folder === undefined ? undefined : { folder, ...style };
}
