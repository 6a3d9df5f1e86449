// Stands in for podman, docker, buildah, kind, k3d and minikube, by the name that it is called by, where the real ones cannot be had.
// $STAND_IN is a folder: `calls` gets each call as a line of JSON; `world.json` has
//   engines: by engine its nodes (name, state, labels) and its images (by name the id), or none for one that does not answer
//   nodes: by node (for minikube by profile) its images, by name the id
//   faults: by `COMMAND SUBCOMMAND` how often it fails yet (`exit 1`), or only says that it was done (`nothing`)
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const {
  STAND_IN: folder = '',
  KIND_EXPERIMENTAL_PROVIDER: provider,
  DOCKER_HOST: docker,
  CONTAINER_HOST: podman,
} = process.env;
const program = basename(process.argv[1] ?? '');
const args = process.argv.slice(2).filter((word, at, all) => !isAddress(word) && !isAddress(all[at - 1] ?? ''));
const world = JSON.parse(readFileSync(join(folder, 'world.json'), 'utf8'));
appendFileSync(
  join(folder, 'calls'),
  `${JSON.stringify({ program, args: process.argv.slice(2), env: { provider, docker, podman } })}\n`,
);

const engine = world.engines?.[program];
const [what = '', ...rest] = args;
const fault = takeFault(`${program} ${what === 'image' || what === 'load' ? `${what} ${rest[0]}` : what}`);
if (fault === 'exit 1') fail(`${program}: boom`);
if (fault === 'nothing') process.exit(0);
if (program === 'minikube') image(rest[0], valueOf('--profile'));
else if (program === 'k3d') load(rest[1], nodesOf('docker', valueOf('--cluster'), 'k3d.cluster'));
else if (program === 'kind') load(rest[1], (valueOf('--nodes') ?? '').split(','));
else if (engine === undefined) fail(`Cannot connect to the ${program} server`);
else if (what === 'ps')
  for (const { name, state = 'running', labels } of engine.nodes) console.log(`${name}\t${state}\t${shown(labels)}`);
else if (what === 'save')
  save(
    valueOf('--output'),
    rest
      .slice(rest.indexOf('--output') + 2)
      .filter((word) => !/^[0-9a-f:]{64,}$/.test(word) && !word.startsWith('sha256:')),
  );
else if (what === 'push') saveOne((rest[1] ?? '').split(':'));
else if (what === 'exec') ctr(rest[0], rest.slice(3));
else fail(`unexpected: ${program} ${args.join(' ')}`);

function isAddress(word) {
  return word === '--host' || word === '--url';
}

function valueOf(flag) {
  return args[args.indexOf(flag) + 1];
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function takeFault(call) {
  const [first, ...others] = world.faults?.[call] ?? [];
  if (first !== undefined) keep({ ...world, faults: { ...world.faults, [call]: others } });
  return first;
}

function keep(changed) {
  writeFileSync(join(folder, 'world.json'), JSON.stringify(changed));
}

/** As podman prints labels, and as docker does. */
function shown(labels) {
  const pairs = Object.entries(labels);
  return program === 'podman'
    ? `map[${pairs.map((pair) => pair.join(':')).join(' ')}]`
    : pairs.map((pair) => pair.join('=')).join(',');
}

function nodesOf(name, cluster, label) {
  return world.engines[name].nodes.filter(({ labels }) => labels[label] === cluster).map((node) => node.name);
}

function save(path, names) {
  if (existsSync(path)) fail('docker-archive doesn’t support modifying existing images');
  writeFileSync(path, JSON.stringify(Object.fromEntries(names.map((name) => [name, engine.images[name]]))));
}

/** @param {string[]} to `docker-archive`, the path, and the name with its tag */
function saveOne([, path, ...name]) {
  save(path, [name.join(':')]);
}

function load(path, nodes) {
  const images = JSON.parse(readFileSync(path, 'utf8'));
  for (const node of nodes) world.nodes[node] = { ...world.nodes[node], ...images };
  keep(world);
}

function image(verb, profile) {
  if (verb === 'load') return load(rest[1], [profile]);
  const byId = Map.groupBy(Object.entries(world.nodes[profile] ?? {}), ([, id]) => id);
  console.log(
    JSON.stringify(
      [...byId].map(([id, tags]) => ({
        id: id.replace('sha256:', ''),
        repoDigests: [],
        repoTags: tags.map(([name]) => name),
        size: '1',
      })),
    ),
  );
}

/** A manifest's digest is the image's id, turned around. */
function ctr(node, [kind, , ...names]) {
  const images = Object.entries(world.nodes[node] ?? {});
  const digestOf = (id) => `sha256:${[...id.slice(7)].reverse().join('')}`;
  if (kind === 'content') {
    const id = images.map(([, id]) => id).find((one) => digestOf(one) === names[0]);
    return console.log(JSON.stringify({ config: { digest: id } }));
  }
  console.log('REF TYPE DIGEST SIZE PLATFORMS LABELS');
  const rows = [...images, ...(world.slowIds ? [] : images.map(([, id]) => [id, id]))];
  for (const [name, id] of rows)
    if (names.includes(`name=="${name}"`)) console.log(`${name} application/x ${digestOf(id)} 1 MiB linux/amd64 x`);
}
