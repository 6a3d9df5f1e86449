import type { Command, Engine } from '../engine/engine.js';
import type { ArchiveFiles } from '../handoff/archive-files.js';
import type { BuiltImage, Verdict } from '../journal/events.js';
import type { ArchiveSource } from '../plan/archive-source.js';
import { lookForImage } from './found-image.js';
import { type Making, succeeded } from './making.js';

/** What a load needs of the world. */
export interface LoadTools {
  archives: ArchiveFiles;
  /** A path of its own in the run's own folder, and how to remove what is there. */
  temporaryFile(name: string): { path: string; remove(): void };
  signal: AbortSignal;
}

/**
 * The engine loads the image from its archive. An archive of several images, a compressed one, and one in a layout that not
 * every engine reads is first made into one that holds the image alone, which also checks each of its files.
 */
export function makeByLoad(engine: Engine, sources: ReadonlyMap<string, ArchiveSource>, tools: LoadTools): Making {
  const temporary = new Map<string, { path: string; remove(): void }>();
  return {
    async prepare(image, { iidfile }) {
      const source = sources.get(image.name) as ArchiveSource;
      if (source.plain) return engine.load(source.path);
      const file = tools.temporaryFile('load.tar');
      temporary.set(iidfile, file);
      const prepared = await unpack(engine, source, file.path, tools);
      if ('class' in prepared) file.remove();
      return prepared;
    },

    async made(image, { iidfile }, ending, startedAt, effects) {
      temporary.get(iidfile)?.remove();
      if (!succeeded(ending)) return {};
      const { ids } = sources.get(image.name) as ArchiveSource;
      let built: BuiltImage | undefined;
      for (const tag of image.tags) {
        built = await lookForImage(tag, startedAt, effects);
        if (built === undefined) return {};
        if (!ids.includes(built.id)) {
          return { instead: `the engine has ${built.id} as ${tag} after the load, expected ${ids.join(' or ')}` };
        }
      }
      return built === undefined ? {} : { built };
    },
  };
}

/** Makes an archive of the one image, and gives the command that loads it; or says why that cannot be done. */
async function unpack(
  engine: Engine,
  { path, config, tags }: ArchiveSource,
  to: string,
  { archives, signal }: LoadTools,
): Promise<Command | Verdict> {
  const writer = await archives.begin(to, { format: 'docker', compression: 'none' });
  try {
    const image = (await archives.read(path, signal)).find((one) => one.config === config);
    if (image === undefined) return refuse('usage-error', `${path} does not hold the image ${config}`);
    await writer.add(path, { ...image, tags }, signal);
    await writer.finish();
    return engine.load(to);
  } catch (error) {
    const said = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    if (signal.aborted) return refuse('cancelled', `we ended the attempt: ${String(signal.reason)}`);
    return refuse((error as NodeJS.ErrnoException)?.code === 'ENOSPC' ? 'resources-exhausted' : 'usage-error', said);
  } finally {
    // After finish there is nothing left to remove.
    await writer.discard();
  }
}

function refuse(to: Verdict['class'], sentence: string): Verdict {
  return { class: to, evidence: [sentence] };
}
