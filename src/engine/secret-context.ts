import type { Problem } from '../inputs/inputs.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { Engine } from './engine.js';

/** The first that is known not to (seen); 4.3.1 does (seen), and so does 5.8.1 by https://github.com/containers/podman/issues/28334. */
const FIRST_SAFE = [5, 8, 6];

/**
 * Podman's remote client sends secrets within the context. Until that was mended (https://github.com/containers/podman/pull/28356)
 * an instruction that copies the whole context took them into the image. Problems for the images that it would happen to, by
 * their Containerfiles; `read` gives one's text, undefined when it cannot be had.
 */
export function leakProblems(
  { facts }: Pick<Engine, 'facts'>,
  images: readonly ImageSpec[],
  read: (file: string) => string | undefined,
): Problem[] {
  if (facts.dialect !== 'podman-remote' || !isBefore(facts.version, FIRST_SAFE)) return [];
  return images.flatMap(({ name, file, secrets }) => {
    if (file === undefined || Object.keys(secrets).length === 0) return [];
    const line = copyOfWholeContext(read(file) ?? '');
    if (line === undefined) return [];
    return [
      {
        where: `image "${name}": secrets`,
        seen: line,
        expected: `no instruction that copies the whole context: podman ${facts.version} with a server would copy the secrets into the image`,
        hint: 'name what is to be copied, or give this image no secrets (secrets: []), or use podman 5.8.6',
      },
    ];
  });
}

/** The first instruction that copies the root of the context; one out of another stage or context does not. */
export function copyOfWholeContext(containerfile: string): string | undefined {
  const instructions = containerfile.replace(/\\[ \t]*\r?\n/g, ' ').split(/\r?\n/);
  return instructions
    .map((line) => line.trim())
    .find((line) => {
      const [, flags = '', rest = ''] = /^(?:ONBUILD\s+)?(?:COPY|ADD)\s+((?:--\S+\s+)*)(.*)$/i.exec(line) ?? [];
      if (/--from=/i.test(flags)) return false;
      const words = rest.startsWith('[') ? readJsonWords(rest) : rest.split(/\s+/);
      // Within the context `..` leads no further than its root; a pattern or a variable could be anything.
      return words.slice(0, -1).some((source) => /^(?:[./*?]|\.\.|\*\*)+$|^\$|^(?:\.?\/)?\*/.test(source));
    });
}

function readJsonWords(text: string): string[] {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) ? words.map(String) : [];
  } catch {
    return [];
  }
}

function isBefore(version: string, other: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  const at = other.findIndex((number, index) => (parts[index] ?? 0) !== number);
  return at >= 0 && !((parts[at] ?? 0) > (other[at] ?? 0));
}
