import { describe, expect, it } from '@jest/globals';
import { createExpectedBytes } from '../../src/build/expected-bytes.js';
import { type History, NO_HISTORY } from '../../src/history/history.js';
import { imageSpec } from '../support/image-spec-factory.js';

const MIB = 2 ** 20;
const facts = { name: 'podman', dialect: 'podman', served: false, version: '5.0.0', why: 'asked' } as const;

const remembered = (contextMib: number, sizeMib: number): History => ({
  ...NO_HISTORY,
  images: [
    {
      engine: 'podman/podman',
      name: 'api',
      builds: [{ run: 'r', at: 1, incidents: 0, contextBytes: contextMib * MIB, sizeBytes: sizeMib * MIB }],
    },
  ],
});

function due(history: History, measuredMib?: number, dialect: 'podman' | 'podman-remote' = 'podman') {
  const measured = measuredMib === undefined ? undefined : { bytes: measuredMib * MIB, files: 1, complete: true };
  const expected = createExpectedBytes(
    { facts: { ...facts, dialect } },
    { now: () => history },
    { known: () => (measured === undefined ? undefined : { ...measured, ignoreFile: false }) },
  );
  const bytes = expected.build(imageSpec({ name: 'api' }));
  return bytes === undefined ? undefined : bytes / MIB;
}

describe('what a build may need of the disk', () => {
  it.each<[string, Parameters<typeof due>, number | undefined]>([
    ['is not known of a new image', [NO_HISTORY], undefined],
    ['is what its context takes', [NO_HISTORY, 5], 5],
    ['is what a server makes of its context', [NO_HISTORY, 5, 'podman-remote'], 15],
    ['is the image that came of it, where that is larger', [remembered(1, 40), 5], 40],
    ['is the context of earlier runs before it is measured', [remembered(30, 10)], 30],
    ['is the context as it is now', [remembered(30, 10), 20], 20],
  ])('%s', (_name, of, expected) => {
    expect(due(...of)).toBe(expected);
  });
});
