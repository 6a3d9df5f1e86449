const SIZE = /^(\d+(?:\.\d+)?) ?(?:([KMGT])(i)?)?B?$/i;
const PREFIXES = ['K', 'M', 'G', 'T'];

/** What `parseSize` takes, for messages. */
export const SIZE_EXPECTED = 'a size above zero such as 500MB, 2GiB, 1.5G or 2000000000 (bytes)';

/**
 * Bytes of `500MB`, `2GiB`, `1.5G` or plain bytes; with an `i` a unit is 1024 times the one below, else 1000 times (IEC
 * 80000-13), and case does not matter. `undefined` unless above 0 and a safe integer once rounded.
 */
export function parseSize(text: string): number | undefined {
  const [, amount, prefix, binary] = SIZE.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const power = prefix === undefined ? 0 : PREFIXES.indexOf(prefix.toUpperCase()) + 1;
  const bytes = Math.round(Number(amount) * (binary === undefined ? 1000 : 1024) ** power);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
