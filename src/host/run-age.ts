import type { RunAge } from '../build/reuse.js';
import type { Answer, Command, Engine } from '../engine/engine.js';
import { quietBefore } from '../engine/image-times.js';

/**
 * The age of this run, which began when this process did. The engine is asked once, when it is first of use, for the images
 * that it had made before; not where its clock may be another one.
 */
export function runAgeOn({ facts, imageTimes }: Engine, ask: (command: Command) => Promise<Answer>): RunAge {
  const isHere = process.platform === 'linux' && (!facts.served || facts.address?.startsWith('unix://') === true);
  let known = 0;
  let asked: Promise<number> | undefined;
  return {
    now: () => performance.now(),
    quiet() {
      asked ??= imageTimes === undefined || !isHere ? Promise.resolve(0) : askFor(imageTimes());
      return { known, asked };
    },
  };

  async function askFor(command: Command): Promise<number> {
    const { code, stdout } = await ask(command);
    known = code === 0 ? quietBefore(stdout, performance.timeOrigin) : 0;
    return known;
  }
}
