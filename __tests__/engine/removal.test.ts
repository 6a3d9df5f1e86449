import { describe, expect, it } from '@jest/globals';
import { formatCommand } from '../../src/engine/command-line.js';
import { buildahRemoval, removal } from '../../src/engine/removal.js';

const ID = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);
const podman = removal((args) => ({ file: 'podman', args: ['--url', 'unix:///p.sock', ...args], env: {} }));

describe('removing built images', () => {
  it.each([
    ['podman and docker, by names', podman, 'podman --url unix:///p.sock image rm --no-prune api:e2e api:1'],
    ['buildah, by names', buildahRemoval, 'buildah rmi api:e2e api:1'],
  ])('%s, and never by force', (_, { remove }, command) => {
    expect(formatCommand(remove(['api:e2e', 'api:1']))).toBe(command);
  });

  it('reads what podman and docker list, ids in one form', () => {
    expect(podman.readList(`sha256:${ID}\tlocalhost/api\nsha256:${OTHER}\t<none>\n\nnot a row\n`)).toEqual([
      { id: ID, named: true },
      { id: OTHER, named: false },
    ]);
  });

  it.each([
    [
      'names and none',
      `[{"id":"${ID}","names":["localhost/api:e2e"]},{"id":"sha256:${OTHER}","names":null}]`,
      [
        { id: ID, named: true },
        { id: OTHER, named: false },
      ],
    ],
    ['an empty list', 'null', []],
    ['no list at all', 'Error: x', []],
  ])('reads what buildah lists: %s', (_, stdout, list) => {
    expect(buildahRemoval.readList(stdout)).toEqual(list);
  });
});
