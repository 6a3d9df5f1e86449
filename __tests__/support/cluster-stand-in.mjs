// Stands in for podman, docker, buildah, kind, k3d and minikube, by the name that it is called by, where the real ones cannot be had.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** @typedef {Record<string, string>} Images by name the id */

/**
 * What there is, in `world.json` of a folder.
 * @typedef {object} World
 * @property {Record<string, { images: Images, nodes: { name: string, state?: string, labels: Record<string, string> }[] }>} engines
 *   those that answer
 * @property {Record<string, Images>} nodes what each node has, or each profile of minikube
 * @property {Record<string, string[]>} [faults] by command what befalls it, in turn: `fails`, or `lies` that it was done
 * @property {boolean} [slowIds] nodes have no names that are ids yet
 */

class Failure extends Error {}

/**
 * What a program answers; the call is added to the folder's `calls`, as a line of JSON. Throws a Failure with its words.
 * @param {string} folder
 * @param {string} program
 * @param {string[]} words
 * @param {Record<string, string | undefined>} env
 * @returns {string}
 */
function answer(folder, program, words, env) {
  const file = join(folder, 'world.json');
  /** @type {World} */
  const world = JSON.parse(readFileSync(file, 'utf8'));
  const keep = () => writeFileSync(file, JSON.stringify(world));
  const { KIND_EXPERIMENTAL_PROVIDER: provider, DOCKER_HOST: docker, CONTAINER_HOST: podman } = env;
  const call = { program, args: words, env: { provider, docker, podman } };
  appendFileSync(join(folder, 'calls'), `${JSON.stringify(call)}\n`);

  const args = /^--(?:host|url)$/.test(words[0] ?? '') ? words.slice(2) : words;
  const flag = (/** @type {string} */ name) => args[args.indexOf(name) + 1] ?? '';
  const [what = '', second = '', third = ''] = args;
  const fault =
    world.faults?.[`${program} ${what} ${second}`]?.shift() ?? world.faults?.[`${program} ${what}`]?.shift();
  keep();
  if (fault === 'fails') throw new Failure(`${program}: boom`);
  if (fault === 'lies') return '';

  const load = (/** @type {string} */ path, /** @type {string[]} */ nodes) => {
    const images = JSON.parse(readFileSync(path, 'utf8'));
    for (const node of nodes) world.nodes[node] = { ...world.nodes[node], ...images };
    keep();
    return '';
  };
  const engine = world.engines[program];
  switch (program) {
    case 'kind':
      return load(third, flag('--nodes').split(','));
    case 'k3d': {
      const nodes = (world.engines['docker']?.nodes ?? []).filter(
        ({ labels }) => labels['k3d.cluster'] === flag('--cluster') && /server|agent/.test(labels['k3d.role'] ?? ''),
      );
      return load(
        third,
        nodes.map(({ name }) => name),
      );
    }
    case 'minikube':
      return second === 'load' ? load(third, [flag('--profile')]) : list(world.nodes[flag('--profile')] ?? {});
  }
  if (engine === undefined) throw new Failure(`Cannot connect to the ${program} server`);
  const save = (/** @type {string} */ path, /** @type {string[]} */ names) => {
    if (existsSync(path)) throw new Failure('docker-archive doesn’t support modifying existing images');
    writeFileSync(path, JSON.stringify(Object.fromEntries(names.map((name) => [name, engine.images[name]]))));
    return '';
  };
  switch (what) {
    case 'ps':
      return engine.nodes
        .map(({ name, state = 'running', labels }) => `${name}\t${state}\t${show(program, labels)}\n`)
        .join('');
    case 'save':
      return save(
        flag('--output'),
        args.slice(args.indexOf('--output') + 2).filter((word) => !word.startsWith('sha256:')),
      );
    case 'push': {
      const [, path = '', ...name] = third.split(':');
      return save(path, [name.join(':')]);
    }
    case 'exec':
      return inNode(world, world.nodes[second] ?? {}, args.slice(4));
    default:
      throw new Failure(`unexpected: ${program} ${args.join(' ')}`);
  }
}

/** As podman prints labels, and as docker does. */
function show(/** @type {string} */ program, /** @type {Record<string, string>} */ labels) {
  const pairs = Object.entries(labels);
  if (program === 'podman') return `map[${pairs.map((pair) => pair.join(':')).join(' ')}]`;
  return pairs.map((pair) => pair.join('=')).join(',');
}

/** As minikube lists images. */
function list(/** @type {Images} */ images) {
  const tags = (/** @type {string} */ id) => Object.keys(images).filter((name) => images[name] === id);
  const ids = [...new Set(Object.values(images))];
  return JSON.stringify(
    ids.map((id) => ({ id: id.replace('sha256:', ''), repoDigests: [], repoTags: tags(id), size: '1' })),
  );
}

/** What a node's `ctr` says. A manifest's digest is the image's id, turned around. */
function inNode(/** @type {World} */ world, /** @type {Images} */ images, /** @type {string[]} */ [what, , ...names]) {
  const digestOf = (/** @type {string} */ id) => `sha256:${[...id.slice('sha256:'.length)].reverse().join('')}`;
  const ids = Object.values(images);
  if (what === 'content') return JSON.stringify({ config: { digest: ids.find((id) => digestOf(id) === names[0]) } });
  const rows = [...Object.entries(images), ...(world.slowIds ? [] : ids.map((id) => [id, id]))];
  const shown = rows.filter(([name]) => names.includes(`name=="${name}"`));
  const lines = shown.map(([name, id = '']) => `${name} application/x ${digestOf(id)} 1 MiB linux/amd64 x\n`);
  return ['REF TYPE DIGEST SIZE PLATFORMS LABELS\n', ...lines].join('');
}

/**
 * As `answer`, as a process that has ended.
 * @param {Parameters<typeof answer>} call
 * @returns {{ code: number, stdout: string, stderr: string }}
 */
export function standIn(...call) {
  try {
    return { code: 0, stdout: answer(...call), stderr: '' };
  } catch (error) {
    if (error instanceof Failure) return { code: 1, stdout: '', stderr: `${error.message}\n` };
    throw error;
  }
}

const folder = process.env['STAND_IN'];
if (folder !== undefined) {
  const { code, stdout, stderr } = standIn(folder, basename(process.argv[2] ?? ''), process.argv.slice(3), process.env);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = code;
}
