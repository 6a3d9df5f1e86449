import { describe, expect, it } from '@jest/globals';
import { checkImages, readImages } from '../../src/inputs/images.js';
import { describeProblem } from '../../src/inputs/problems.js';

const read = (text: string) => {
  const { images, problems } = readImages(text);
  return { images, problems: [...problems, ...checkImages(images)].map(describeProblem) };
};
/** One image `a` with this key. */
const withKey = (key: string, value: unknown) => read(JSON.stringify([{ name: 'a', [key]: value }]));

describe('readImages', () => {
  it.each([
    ['a YAML list', '- name: a\n  file: A\n- name: b'],
    ['a JSON list', '[{"name": "a", "file": "A"}, {"name": "b"}]'],
    ['a map of names to images', 'a:\n  file: A\nb: {}'],
    ['a map of names to Containerfiles beside images', 'a: A\nb: {}'],
    ['a map with the names inside too', 'a: {name: a, file: A}\nb: {name: b}'],
  ])('reads %s', (_, text) => {
    expect(read(text)).toEqual({ images: [{ name: 'a', file: 'A' }, { name: 'b' }], problems: [] });
  });

  it('keeps the order of names that look like numbers', () => {
    expect(read('b: B\n2: C\n1: D').images.map((image) => image.name)).toEqual(['b', '2', '1']);
  });

  it.each<[string, unknown, object]>([
    ['context', 'services/api', { context: 'services/api' }],
    ['file', 'docker/Containerfile', { file: 'docker/Containerfile' }],
    ['target', 'runtime', { target: 'runtime' }],
    ['tags', ['a:1', 'b:2'], { tags: ['a:1', 'b:2'] }],
    ['tags', 'a:1, b:2\nc:3\n', { tags: ['a:1', 'b:2', 'c:3'] }],
    ['tags', null, { tags: [] }],
    [
      'build-args',
      { A: 'x', B: 1.5, C: true, D: null, E: '' },
      { buildArgs: { A: 'x', B: '1.5', C: 'true', D: null, E: '' } },
    ],
    ['build-args', ['A=x=y, z ', 'B', 'C='], { buildArgs: { A: 'x=y, z ', B: null, C: '' } }],
    ['build-args', null, { buildArgs: {} }],
    ['build-contexts', { lib: '../lib' }, { buildContexts: { lib: '../lib' } }],
    ['build-contexts', ['lib=../lib'], { buildContexts: { lib: '../lib' } }],
    ['labels', { team: 'e2e' }, { labels: { team: 'e2e' } }],
    ['labels', ['team=e2e, all'], { labels: { team: 'e2e, all' } }],
    ['platforms', ['linux/amd64'], { platforms: ['linux/amd64'] }],
    ['platforms', 'linux/amd64,linux/arm64', { platforms: ['linux/amd64', 'linux/arm64'] }],
    ['cache-from', 'type=gha,scope=a\ntype=local,src=b', { cacheFrom: ['type=gha,scope=a', 'type=local,src=b'] }],
    ['cache-to', ['type=gha,mode=max'], { cacheTo: ['type=gha,mode=max'] }],
    ['no-cache', true, { noCache: true }],
    ['no-cache', 'False', { noCache: false }],
    ['pull', true, { pull: true }],
    ['extra-args', ['--network', 'host'], { extraArgs: ['--network', 'host'] }],
    ['needs', ['base', 'lib'], { needs: ['base', 'lib'] }],
    ['needs', 'base, lib', { needs: ['base', 'lib'] }],
    ['extra-args', '--network=host\n--squash, all', { extraArgs: ['--network=host', '--squash, all'] }],
    ['timeout', '1h30m', { timeoutMs: 5_400_000 }],
    ['timeout', 90, { timeoutMs: 90_000 }],
  ])('reads %s: %j', (key, value, fields) => {
    expect(withKey(key, value)).toEqual({ images: [{ name: 'a', ...fields }], problems: [] });
  });

  it.each<[string, unknown, string]>([
    ['context', '', 'context: seen nothing, expected a folder or a URL'],
    ['context', '-f', 'context: seen "-f", expected a folder or a URL that does not begin with "-"'],
    ['context', null, 'context: seen "null", expected a folder or a URL'],
    ['context', 'a\0b', 'context: seen "a\\u{0}b", expected a folder or a URL'],
    ['file', ['A', 'B'], 'file: seen "[A, B]", expected a path'],
    ['target', '--squash', 'target: seen "--squash", expected the name of a build stage'],
    ['target', 'a b', 'target: seen "a b", expected the name of a build stage'],
    ['tags', { a: 'b' }, 'tags: seen "{a: b}", expected a list of tags'],
    ['tags', ['a:1', ['b']], 'tags[1]: seen "[b]", expected text'],
    ['build-args', 'A=x', 'build-args: seen "A=x", expected a map, or a list of `KEY=VALUE`'],
    ['build-args', { A: ['x'] }, 'build-args.A: seen "[x]", expected a key with a text'],
    ['build-args', ['A=1', '=x'], 'build-args[1]: seen "=x", expected a key with a text'],
    ['build-args', { A: 'x\0' }, 'build-args.A: seen "x\\u{0}", expected a key with a text'],
    ['build-contexts', { lib: null }, 'build-contexts.lib: seen "null", expected a name with a path'],
    ['labels', ['team'], 'labels[0]: seen "team", expected a key with a text'],
    ['labels', { team: null }, 'labels.team: seen "null", expected a key with a text'],
    ['platforms', [null], 'platforms[0]: seen "null", expected text'],
    ['cache-from', {}, 'cache-from: seen "{}", expected a list'],
    ['cache-to', [''], 'cache-to[0]: seen nothing, expected text'],
    ['no-cache', 'yes', 'no-cache: seen "yes", expected true or false'],
    ['pull', 'missing', 'pull: seen "missing", expected true or false'],
    ['extra-args', [{ '--network': 'host' }], 'extra-args[0]: seen "{--network: host}", expected text'],
    ['needs', [null], 'needs[0]: seen "null", expected text'],
    ['timeout', '0', 'timeout: seen "0", expected a duration'],
    ['timeout', 'soon', 'timeout: seen "soon", expected a duration'],
  ])('reports %s: %j', (key, value, problem) => {
    const { images, problems } = withKey(key, value);
    expect(images).toEqual([{ name: 'a' }]);
    expect(problems).toEqual([expect.stringContaining(`images[0] "a": ${problem}`)]);
  });

  it.each([
    ['with spaces, quotes and emoji', 'the "api" 🚀'],
    ['that begins with a dash', '-rf'],
    ['that is a number', '1.20'],
    ['that objects treat as their prototype', '__proto__'],
    ['of 300 characters', 'x'.repeat(300)],
  ])('takes a name %s', (_, name) => {
    expect(read(JSON.stringify([{ name }]))).toEqual({ images: [{ name }], problems: [] });
  });

  it.each<[string, object]>([
    ['no name', {}],
    ['an empty name', { name: '' }],
    ['a blank name', { name: '  ' }],
    ['a name that is a list', { name: ['a'] }],
    ['a name over two lines', { name: 'a\nb' }],
    ['a name with a terminal escape', { name: 'a\u001b[0m' }],
    ['a name of 301 characters', { name: 'x'.repeat(301) }],
  ])('reports %s', (_, image) => {
    const { images, problems } = read(JSON.stringify([image]));
    expect(images).toEqual([{ name: '' }]);
    expect(problems).toEqual([expect.stringMatching(/^images\[0\].*: name: seen .*expected a name of 1 to 300/)]);
  });

  it.each([
    ['the key of the map and another name inside', 'a: {name: b}', 'images[0] "a": name: seen "b", expected "a"'],
    [
      'the same name twice',
      '[{name: a}, {name: b}, {name: a}]',
      'images[2] "a": name: seen "a", expected a name that no other image has; images[0] has it already',
    ],
    ['an image that is text', '[a]', 'images[0]: seen "a", expected a map with a name'],
    ['an image that is nothing', 'a:', 'images[0] "a": file: seen "null", expected a path'],
    [
      'an image without a list around it',
      'name: a\ncontext: .',
      'images: seen "{name: a, context: .}", expected a list of images',
    ],
    ['no image', '[]', 'images: seen "[]", expected a list of images'],
    ['an empty map', '{}', 'images: seen "{}", expected a list of images'],
    ['text alone', 'api', 'images: seen "api", expected a list of images'],
    ['a comment alone', '# api', 'images: seen "null", expected a list of images'],
    ['nothing', ' \n', 'images: seen nothing, expected a list of images'],
    ['YAML that is none', 'a: [', 'images, line 1, column'],
  ])('reports %s', (_, text, problem) => {
    expect(read(text).problems).toEqual([expect.stringContaining(problem)]);
  });

  it('reports an unknown key with the one that was meant, and reads on as if that were written', () => {
    const { images, problems } = read('- {name: a, contxt: b, noCache: maybe}');
    expect(images).toEqual([{ name: 'a', context: 'b' }]);
    expect(problems).toEqual([
      'images[0] "a": contxt: seen "b", expected a key that an image has; did you mean "context"?',
      'images[0] "a": noCache: seen "maybe", expected a key that an image has; did you mean "no-cache"?',
      'images[0] "a": no-cache: seen "maybe", expected true or false',
    ]);
  });

  it('lists the keys of an image for an unknown key that is like none of them', () => {
    expect(withKey('ports', 'x').problems).toEqual([
      expect.stringContaining('an image has name, context, file, target'),
    ]);
    expect(withKey('__proto__', 'x').problems).toEqual([expect.stringContaining('__proto__: seen "x"')]);
  });

  it('does not let a misspelt key replace the right one', () => {
    expect(read('- {name: a, context: b, contxt: c}').images).toEqual([{ name: 'a', context: 'b' }]);
  });

  it('keeps every image in its place and every right value beside the wrong ones', () => {
    const { images, problems } = read('- {name: a, pull: maybe, file: A}\n- 7\n- {context: c}\n- {name: a}');
    expect(images).toEqual([{ name: 'a', file: 'A' }, { name: '' }, { name: '', context: 'c' }, { name: 'a' }]);
    expect(problems.map((problem) => problem.split(': seen')[0])).toEqual([
      'images[0] "a": pull',
      'images[1]',
      'images[2]: name',
      'images[3] "a": name',
    ]);
  });
});
