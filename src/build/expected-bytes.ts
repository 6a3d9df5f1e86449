import type { Engine } from '../engine/engine.js';
import { contextBytes, expectedBytes } from '../history/expectations.js';
import type { History } from '../history/history.js';
import type { HistorySource } from '../history/history-source.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { Contexts } from './contexts.js';
import { bytesOfContext } from './disk-decision.js';

/** What is known of an image's size before it is built, in bytes; undefined where nothing is. Both are asked often, and cheap. */
export interface ExpectedBytes {
  /** Of its context: as it was measured, or else as it was in earlier runs. */
  context(image: ImageSpec): number | undefined;
  /** What its build may need of the disk: what its context takes, and no less than the image that came of it before. */
  build(image: ImageSpec): number | undefined;
}

/** Looks sizes up in what was measured in this run and in what earlier runs taught, as that becomes known. */
export function createExpectedBytes(
  { facts }: Pick<Engine, 'facts'>,
  history: HistorySource,
  contexts: Pick<Contexts, 'known'>,
): ExpectedBytes {
  let known: History | undefined;
  /** Of a history, which is searched for each image once. */
  let earlier = new Map<string, { context: number | undefined; image: number | undefined }>();
  const context = (image: ImageSpec) => contexts.known(image)?.bytes ?? lookUp(image.name).context;

  return {
    context,
    build(image) {
      const size = context(image);
      const sizes = [size === undefined ? undefined : bytesOfContext(size, facts.dialect), lookUp(image.name).image];
      const needed = sizes.filter((one) => one !== undefined);
      return needed.length === 0 ? undefined : Math.max(...needed);
    },
  };

  function lookUp(name: string) {
    const now = history.now();
    if (now !== known) {
      known = now;
      earlier = new Map();
    }
    const found = earlier.get(name) ?? {
      context: contextBytes(now, facts, name),
      image: expectedBytes(now, facts, name),
    };
    earlier.set(name, found);
    return found;
  }
}
