import type { Engine } from '../engine/engine.js';
import type { Push } from '../engine/push.js';
import type { HandOff, HandOffFailed, HandOffTools, Ran } from './hand-off.js';

/** Pushes every tag of the images that ask for it to its registry, by the engine and its own login. */
export function registryPush(engine: Pick<Engine, 'push'>): HandOff {
  return {
    to: 'push',
    takes: (image) => image.push,
    async attempt(image, _built, tools) {
      const digests: string[] = [];
      // A try begins with the first tag again: what a registry has is not sent twice.
      for (const tag of image.tags) {
        const pushed = await pushTag(engine.push(image, tag), tools);
        if ('failed' in pushed) return pushed;
        digests.push(pushed.digest);
      }
      return { said: sayPushed(image.tags, digests), digest: digests[0] as string };
    },
  };
}

async function pushTag(push: Push, tools: HandOffTools): Promise<{ digest: string } | HandOffFailed> {
  const digestfile = tools.temporaryFile('pushed.digest');
  const ran = await tools.run(push.command(digestfile));
  const words = push.dialect === undefined ? {} : { dialect: push.dialect };
  if (!succeeded(ran)) return { failed: ran, ...words };
  const digest = push.readDigest(ran.stdout, tools.takeLine(digestfile));
  if (digest !== undefined) return { digest };
  const missing = 'the client reported success and names no digest, so that nothing says that the image was pushed';
  return push.ask === undefined ? { failed: ran, missing, ...words } : askRegistry(push.ask(digestfile), tools);
}

async function askRegistry(
  { begin, show, end, read }: NonNullable<ReturnType<NonNullable<Push['ask']>>>,
  tools: HandOffTools,
): Promise<{ digest: string } | HandOffFailed> {
  const begun = await tools.run(begin);
  if (!succeeded(begun)) return { failed: begun };
  const shown = await tools.run(show);
  await tools.run(end);
  const digest = succeeded(shown) ? read(shown.stdout) : undefined;
  return digest === undefined
    ? { failed: shown, missing: 'the registry names no digest for what was pushed' }
    : { digest };
}

function succeeded({ ending }: Ran): boolean {
  return ending.kind === 'exited' && ending.code === 0;
}

/** Registries may keep the same image in different ways, so that each has a digest of its own. */
function sayPushed(tags: string[], digests: string[]): string {
  const same = new Set(digests).size === 1;
  return same
    ? `pushed ${tags.join(', ')}`
    : `pushed ${tags.map((tag, index) => `${tag} as ${digests[index]}`).join(', ')}`;
}
