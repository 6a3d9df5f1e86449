import type { Engine } from '../engine/engine.js';
import type { AskForDigest, Push } from '../engine/push.js';
import type { HandOff, HandOffFailed, HandOffTools, Ran } from './hand-off.js';

/** A digest is absent where the push succeeded and nobody says it. */
interface Pushed {
  tag: string;
  digest?: string;
}

/** Pushes every tag of the images that ask for it to its registry, by the engine and its own login. */
export function registryPush(engine: Pick<Engine, 'push'>): HandOff {
  return {
    to: 'push',
    takes: (image) => image.push,
    async attempt(image, _built, tools) {
      const all: Pushed[] = [];
      // A try begins with the first tag again: what a registry has is not sent twice.
      for (const tag of image.tags) {
        const pushed = await pushTag(tag, engine.push(image, tag), tools);
        if ('failed' in pushed) return pushed;
        all.push(pushed);
      }
      const digest = all[0]?.digest;
      return { said: sayPushed(all), ...(digest === undefined ? {} : { digest }) };
    },
  };
}

async function pushTag(tag: string, push: Push, tools: HandOffTools): Promise<Pushed | HandOffFailed> {
  const digestfile = tools.temporaryFile('pushed.digest');
  const ran = await tools.run(push.command(digestfile));
  const words = push.dialect === undefined ? {} : { dialect: push.dialect };
  if (!succeeded(ran)) return { failed: ran, ...words };
  const digest = push.readDigest(ran.stdout, tools.takeLine(digestfile));
  if (digest !== undefined) return { tag, digest };
  if (push.ask !== undefined) return { tag, ...(await askRegistry(push.ask(digestfile), tools)) };
  const missing = 'the client reported success and names no digest, so that nothing says that the image was pushed';
  return { failed: ran, missing, ...words };
}

/** The image is pushed, whatever comes of this: podman 4.3 asks without the client's login, and is refused where one is needed (seen). */
async function askRegistry(
  { begin, show, end, read }: AskForDigest,
  tools: HandOffTools,
): Promise<{ digest?: string }> {
  if (!succeeded(await tools.run(begin))) return {};
  const shown = await tools.run(show);
  await tools.run(end);
  const digest = succeeded(shown) ? read(shown.stdout) : undefined;
  return digest === undefined ? {} : { digest };
}

function succeeded({ ending }: Ran): boolean {
  return ending.kind === 'exited' && ending.code === 0;
}

/** Registries may keep the same image in different ways, so that each has a digest of its own. */
function sayPushed(all: readonly Pushed[]): string {
  const same = all.every(({ digest }) => digest !== undefined && digest === all[0]?.digest);
  const each = all.map(({ tag, digest }) => (same ? tag : `${tag} (${digest ?? 'its digest is not known'})`));
  return `pushed ${each.join(', ')}`;
}
