import * as z from 'zod';
import { isMap } from './document.js';
import { DURATION_EXPECTED, parseDuration } from './durations.js';
import { IMAGE_SECRET_EXPECTED, parseImageSecret } from './secrets.js';
import { parseSize, SIZE_EXPECTED } from './sizes.js';
import type { Pair } from './values.js';
import { BOOLEAN_EXPECTED, isFullPair, isPair, parseBoolean, parsePair, splitLines, splitNames } from './values.js';

// The message of each schema is what was expected, for `Problem.expected`. Definitions hold strings, nulls, lists and
// maps only (see readDocument). NUL is refused everywhere: no argument can hold it.
const PAIR_EXPECTED = 'a map, or a list of `KEY=VALUE`';

const matching = (right: RegExp, expected: string) => z.string({ error: expected }).regex(right, { error: expected });

const path = matching(/^[^\0]+$/, 'a path');

// What editors are told of a key (see own-json-schema.ts): YAML may hold numbers and booleans where we read texts.
const SCALAR = { type: ['string', 'number', 'boolean'] };
const LIST = { anyOf: [SCALAR, { type: 'array', items: SCALAR }, { type: 'null' }] };
const PAIRS = {
  anyOf: [
    { type: 'object', additionalProperties: { type: [...SCALAR.type, 'null'] } },
    { type: 'array', items: { type: 'string' } },
    { type: 'null' },
  ],
};
const BOOLEAN = { type: ['boolean', 'string'], enum: [true, false, 'true', 'false'] };
const DURATION = { type: ['string', 'number'], examples: ['5m', '1h30m', 90] };

/** A text that `parse` makes a value of; `undefined` means that it is wrong. */
const parsed = <T>(parse: (text: string) => T | undefined, expected: string) =>
  z.string({ error: expected }).transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });

/** A list of strings, or a text that `split` makes one of; nothing at all is an empty list. */
const list = (split: (text: string) => string[], expected: string) =>
  z.preprocess(
    (raw) => (typeof raw === 'string' ? split(raw) : (raw ?? [])),
    z.array(matching(/^[^\0]+$/, 'text that is not empty'), { error: expected }),
  );

/** A map or a list of `KEY=VALUE`; nothing at all is an empty map. */
const pairs = <Right extends Pair>(isRight: (pair: Pair) => pair is Right, expected: string) =>
  z.unknown().transform((raw, context): Record<string, Right[1]> => {
    const right: Right[] = [];
    const entries = raw === null ? [] : toPairs(raw);
    if (entries === undefined) context.addIssue({ code: 'custom', message: PAIR_EXPECTED });
    for (const { at, pair } of entries ?? []) {
      if (pair !== undefined && isRight(pair)) right.push(pair);
      else context.addIssue({ code: 'custom', message: expected, path: [at] });
    }
    // Not by assignment: a key may be `__proto__`.
    return Object.fromEntries(right);
  });

const secretList = list(splitLines, 'a list, or text with one secret a line').transform((texts, context) =>
  texts.flatMap((text, at) => {
    const secret = parseImageSecret(text);
    if (secret === undefined) context.addIssue({ code: 'custom', message: IMAGE_SECRET_EXPECTED, path: [at] });
    return secret ?? [];
  }),
);

/** What an image may say beside its name, under the keys that users write. */
export const imageSettings = z.strictObject({
  context: matching(/^[^\0-][^\0]*$/, 'a folder or a URL that does not begin with "-"')
    .meta({ description: 'A folder, relative to the checkout, or a URL. Default: the checkout.' })
    .exactOptional(),
  file: path
    .meta({
      description: 'The Containerfile, relative to the checkout. Default: Containerfile or Dockerfile in the context.',
    })
    .exactOptional(),
  target: matching(/^[^\s\0-][^\s\0]*$/, 'the name of a build stage, without spaces or a leading "-"')
    .meta({ description: 'The stage to build. Default: the last one.' })
    .exactOptional(),
  tags: list(splitNames, 'a list of tags, or text with one a line')
    .meta({ ...LIST, description: 'Default: NAME:e2e.' })
    .exactOptional(),
  'build-args': pairs(isPair, 'a key with a text, or with nothing to take it from the environment')
    .meta({ ...PAIRS, description: 'A key without a value takes it from the environment.' })
    .exactOptional(),
  'build-contexts': pairs(isFullPair, 'a name with a path, URL or image')
    .meta({ ...PAIRS, description: 'More contexts, by name: a folder, a URL, or docker-image://….' })
    .exactOptional(),
  labels: pairs(isFullPair, 'a key with a text')
    .meta({ ...PAIRS, description: 'Labels of the image.' })
    .exactOptional(),
  secrets: secretList
    .meta({
      ...LIST,
      description: "Ids of the inputs' secrets, id=ID,env=VARIABLE or id=ID,src=PATH. Default: all of the inputs'.",
    })
    .exactOptional(),
  platforms: list(splitNames, 'a list of platforms such as linux/amd64')
    .meta({ ...LIST, description: "Such as linux/amd64. Default: the input's." })
    .exactOptional(),
  'cache-from': list(splitLines, 'a list, or text with one cache a line')
    .meta({ ...LIST, description: 'Caches to read.' })
    .exactOptional(),
  'cache-to': list(splitLines, 'a list, or text with one cache a line')
    .meta({ ...LIST, description: 'Caches to write.' })
    .exactOptional(),
  'no-cache': parsed(parseBoolean, BOOLEAN_EXPECTED)
    .meta({ ...BOOLEAN, description: "Whether to build every step anew. Default: the input's." })
    .exactOptional(),
  pull: parsed(parseBoolean, BOOLEAN_EXPECTED)
    .meta({ ...BOOLEAN, description: "Whether to pull base images always. Default: the input's." })
    .exactOptional(),
  push: parsed(parseBoolean, BOOLEAN_EXPECTED)
    .meta({ ...BOOLEAN, description: "Whether to push its tags to their registries. Default: the input's." })
    .exactOptional(),
  'extra-args': list(splitLines, 'a list, or text with one argument a line')
    .meta({ ...LIST, description: "More arguments for the engine's build command, after the input's." })
    .exactOptional(),
  needs: list(splitNames, 'a list of names of images')
    .meta({ ...LIST, description: 'Names of the images that must be built before this one.' })
    .exactOptional(),
  exclusive: parsed(parseBoolean, BOOLEAN_EXPECTED)
    .meta({
      ...BOOLEAN,
      description: 'Whether it builds alone. Default: alone once it was in flight at two crashes of the engine.',
    })
    .exactOptional(),
  memory: parsed(parseSize, SIZE_EXPECTED)
    .meta({ type: 'string', description: 'How much memory its build needs at its peak. Default: as in earlier runs.' })
    .exactOptional(),
  timeout: parsed(parseDuration, DURATION_EXPECTED)
    .meta({ ...DURATION, description: "For one attempt. Default: the input's." })
    .exactOptional(),
});

/** An image's name: free text, as it is never an argument by itself. */
export const imageName = matching(
  /^(?=.{0,300}$)(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+$/su,
  'a name of 1 to 300 characters, none of them a control character',
);

interface Entry {
  at: string | number;
  pair: Pair | undefined;
}

function toPairs(raw: unknown): Entry[] | undefined {
  if (Array.isArray(raw)) {
    return raw.map((item: unknown, at) => ({ at, pair: typeof item === 'string' ? parsePair(item) : undefined }));
  }
  if (!isMap(raw)) return undefined;
  return [...raw].map(([key, value]) => ({
    at: key,
    pair: typeof value === 'string' || value === null ? [key, value] : undefined,
  }));
}
