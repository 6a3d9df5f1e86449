import { describe, expect, it } from '@jest/globals';
import { leadingSteps, readLeadingSteps } from '../../src/plan/leading-steps.js';
import { imageSpec } from '../support/image-spec-factory.js';

const read = (lines: string[], { args = {}, ...image }: { args?: Record<string, string>; target?: string } = {}) =>
  leadingSteps(lines.join('\n'), imageSpec(image), new Map(Object.entries(args)));
const keys = async (...given: Parameters<typeof read>) => (await read(...given))?.steps.map(({ key }) => key);
const copies = async (line: string) => (await read(['FROM a', 'ENV DIR=src', line]))?.steps[2]?.copies;

describe('leading steps', () => {
  it('are those of the stage that is built first, as the engine counts them', async () => {
    const lines = [
      'ARG V=1',
      'FROM a AS unused',
      'RUN no',
      'FROM b:$V as build',
      'RUN x  \\',
      '  y',
      'FROM build',
      'RUN z',
    ];
    expect(await read(lines)).toEqual({
      stage: 2,
      steps: [
        { key: ' FROM b:1', works: false },
        { key: 'RUN x y', works: true },
      ],
    });
    expect(await keys(lines, { target: 'unused' })).toEqual([' FROM a', 'RUN no']);
  });

  it('differ by the value of a declared argument, and not by one that nothing declares', async () => {
    const lines = ['FROM a', 'ARG V=1', 'RUN make $V'];
    const plain = await keys(lines);
    expect(await keys(lines, { args: { V: '1', OTHER: 'x' } })).toEqual(plain);
    expect(await keys(lines, { args: { V: '2' } })).not.toEqual(plain);
  });

  it.each([
    ['COPY rootfs/ /', ['rootfs']],
    ['COPY . .', ['']],
    ['COPY --chown=1:1 --chmod=755 ./a /b/../c /to', ['a', 'c']],
    ['COPY ["with space", "/to"]', ['with space']],
    ['COPY $DIR/*.go go.mod ./', ['src', 'go.mod']],
    ['COPY ../outside /to', ['outside']],
    ['ADD https://h/x.tar local /to', ['local']],
    ['COPY --from=build /a /b', undefined],
    ['ADD https://h/x.tar /to', undefined],
    ['COPY <<EOF /to\ntext\nEOF', undefined],
  ])('%s', async (line, expected) => {
    expect(await copies(line)).toEqual(expected);
  });

  it('are none of what is no Containerfile, cannot be read, or is of the engine alone', async () => {
    const texts: Record<string, string | undefined> = { '/a': 'hello', '/b': undefined, '/c': 'FROM x' };
    const images = ['/a', '/b', '/c'].map((file) => imageSpec({ name: file, file }));
    const remote = imageSpec({ name: 'remote', context: 'https://h/r.git' });
    delete remote.file;
    const found = await readLeadingSteps([...images, remote], (path) => texts[path], {});
    expect([...found.keys()]).toEqual(['/c']);
  });

  it('take the value of an argument from the environment where it is given without one', async () => {
    const image = imageSpec({ buildArgs: { V: null } });
    const found = await readLeadingSteps([image], () => 'FROM a\nARG V', { V: '7' });
    expect(found.get('api')?.steps[1]?.key).toBe('ARG [["V","7"]]');
  });
});
