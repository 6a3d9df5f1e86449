import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../../src/engine/engine.js';
import { copyOfWholeContext, leakProblems } from '../../src/engine/secret-context.js';
import { imageSpec } from '../support/image-spec-factory.js';

describe('a Containerfile', () => {
  it.each([
    'COPY . .',
    'copy ./ /app',
    'ADD --chown=1:1 . /app',
    'COPY package.json . /app/',
    'COPY ["." , "/app"]',
    'COPY / /app',
    'COPY * /app/',
    'COPY $SOURCE /app/',
    'RUN true\nCOPY \\\n  . \\\n  /app',
    'ONBUILD COPY . /app',
    'COPY ../ /app',
  ])('that copies the whole context does: %j', (text) => {
    expect(copyOfWholeContext(`FROM scratch\n${text}`)).toBeDefined();
  });

  it.each([
    'COPY src /app',
    'COPY ./src /app',
    'COPY package*.json /app/',
    'COPY src .',
    'COPY --from=build . /app',
    'COPY --from=build --chown=1 / /app',
    'COPY ["src", "."]',
    'RUN echo COPY . .',
    '# COPY . .',
    'COPY',
  ])('that copies parts of it, or of something else, does not: %j', (text) => {
    expect(copyOfWholeContext(`FROM scratch\n${text}`)).toBeUndefined();
  });
});

describe('an image with secrets whose Containerfile copies the whole context', () => {
  const problems = (dialect: Engine['facts']['dialect'], version: string, secrets: Record<string, string>) =>
    leakProblems(
      { facts: { name: 'podman', dialect, served: true, version, why: '' } },
      [imageSpec({ secrets })],
      () => 'FROM scratch\nCOPY . /app\n',
    ).map(({ where, seen }) => `${where}: ${seen}`);

  it.each(['4.3.1', '4.9.3', '5.8.1', '5.8.5', '5.8'])('is refused by podman %s with a server', (version) => {
    expect(problems('podman-remote', version, { a: '/s/a' })).toEqual(['image "api": secrets: COPY . /app']);
  });

  it.each([
    ['podman-remote', '5.8.6'],
    ['podman-remote', '5.9.0-rc1'],
    ['podman-remote', '6.0.0'],
    ['podman', '4.3.1'],
    ['buildah', '1.28.2'],
    ['buildkit', '20.10.5'],
  ] as const)('is built by %s %s', (dialect, version) => {
    expect(problems(dialect, version, { a: '/s/a' })).toEqual([]);
  });

  it('is built when it has none', () => {
    expect(problems('podman-remote', '4.3.1', {})).toEqual([]);
  });
});
