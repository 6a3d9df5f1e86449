import { describe, expect, it } from '@jest/globals';
import type { ArchiveSource } from '../../src/plan/archive-source.js';
import { planLoad } from '../../src/plan/load-plan.js';

const source = (name: string): ArchiveSource => ({
  name,
  tags: [`${name}:e2e`],
  path: `/out/${name}.tar`,
  config: `sha256:${'ab'.repeat(32)}`,
  ids: [],
  plain: true,
});
const found = ['api', 'web-a', 'web-b'].map(source);
const names = (wanted: string[]) => planLoad(found, wanted, 1).plan.images.map(({ name }) => name);

describe('what is to be loaded', () => {
  it('is all that there is, unless something is asked for', () => {
    expect(names([])).toEqual(['api', 'web-a', 'web-b']);
  });

  it('is chosen by names and by patterns', () => {
    expect(names(['web-*'])).toEqual(['web-a', 'web-b']);
    expect(names(['web-b', 'a?i'])).toEqual(['api', 'web-b']);
  });

  it('is a problem when nothing has such a name, or two have the same', () => {
    expect(planLoad(found, ['db'], 1).problems).toMatchObject([{ where: 'images', seen: 'db' }]);
    expect(planLoad([...found, source('api')], [], 1).problems).toMatchObject([{ where: 'path', seen: 'api' }]);
  });
});
