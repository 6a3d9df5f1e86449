import { z } from 'zod';
import { LONGEST_NAME } from './history.js';

/** An older image is built anew: what its steps fetched is of that day. */
export const KEPT_FOR_MS = 30 * 24 * 60 * 60 * 1000;
/** The newest so many are remembered. */
export const MOST_KEPT = 500;

const schema = z.object({
  schema: z.literal(1),
  /** Of all that decided it. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  id: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  name: z.string().max(LONGEST_NAME),
  /** When it was built, in milliseconds since the epoch. */
  at: z.number().nonnegative().max(Number.MAX_SAFE_INTEGER),
  sizeBytes: z.number().nonnegative().max(Number.MAX_SAFE_INTEGER).optional(),
});

/** An image that an earlier run built, and by which key. */
export type KeptImage = z.infer<typeof schema>;

/** Reads what `formatKeptImage` wrote for this key; undefined for anything else, and for an image that is too old. */
export function parseKeptImage(text: string, key: string, now: number): KeptImage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = schema.safeParse(value);
  // One that is said to be of the future would never grow old.
  if (data === undefined || data.key !== key || data.at > now || now - data.at > KEPT_FOR_MS) return undefined;
  return data;
}

/** The image as JSON on one line; undefined for one that would not be read. */
export function formatKeptImage(image: KeptImage): string | undefined {
  return schema.safeParse(image).success ? `${JSON.stringify(image)}\n` : undefined;
}
