import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, send } from '../../demo/processes.mjs';
import { runCommand } from './command.js';
import { clientWords, type PrivateEngine } from './private-engines.js';
import { processesWith } from './process-table.js';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 20_000;
const IMAGE = 'localhost/e2e-kind-node:e2e';

/** A container that kind takes for a node of a cluster, with a containerd that images are loaded into. */
export interface KindNode {
  /** Of the container: `CLUSTER-ROLE`, as kind names its own. */
  name: string;
  /** What kind, or an action that calls it, needs in its environment to find the node. */
  env: Record<string, string>;
  /** What a kubelet would find in the node's containerd: an image is there by its name and by its id. */
  images(): Promise<{ name: string; digest: string }[]>;
  /** Before the engine's own; may be called when the engine is gone, and twice. */
  close(): Promise<void>;
}

/** Which node of a cluster it is (`control-plane`); the others of a cluster are workers, each with a name of its own. */
export interface KindNodeOptions {
  role?: 'control-plane' | 'worker';
  /** Of the container, and unique in its engine (`CLUSTER-ROLE`). */
  name?: string;
}

/**
 * Starts a node on an engine (podman, served or local, or docker) for `kind load … --name CLUSTER`. Of kind's own node
 * image it has what `load` asks for and no more: kind 0.33 lists nodes by their labels (`ps --all --filter
 * label=io.x-k8s.kind.cluster=CLUSTER`), reads their roles (`inspect`), asks each for its snapshotter
 * (`exec --privileged NODE containerd config dump`) and streams the archive to `exec --privileged --interactive NODE ctr
 * --namespace=k8s.io images import --all-platforms --digests --snapshotter=… -`, to all nodes at the same time.
 * Throws, with the engine's words, when the node does not come up within 20 s.
 */
export async function startKindNode(
  engine: PrivateEngine,
  cluster: string,
  { role = 'control-plane', name = `${cluster}-${role}` }: KindNodeOptions = {},
): Promise<KindNode> {
  const docker = engine.inputs['engine'] === 'docker';
  const client = clientWords(engine);
  const run = (...args: string[]) => runCommand([...client, ...args], engine.env);
  const must = async (...args: string[]) => {
    const { exit, stdout, stderr } = await run(...args);
    if (exit !== 0) throw new Error(`${[...client, ...args].join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  const images = async () => parseImages(await must('exec', name, 'ctr', '--namespace=k8s.io', 'images', 'list'));

  await buildNodeImage(must);
  const labels = { 'io.x-k8s.kind.cluster': cluster, 'io.x-k8s.kind.role': role };
  const started = await must(
    'run',
    '--detach',
    `--name=${name}`,
    '--privileged',
    '--network=none',
    ...(docker ? [] : ['--pids-limit=0', ...((await hasCrun(must)) ? ['--cgroups=disabled'] : [])]),
    ...Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`),
    IMAGE,
  );
  const pid = Number(await must('inspect', '--format={{.State.Pid}}', name));
  const close = async () => {
    await runCommand([...client, 'rm', '--force', '--volumes', name], engine.env, { limitMs: STOP_LIMIT_MS });
    // An engine that was killed by its test removes nothing; a served podman's monitors of `exec` stay for five minutes.
    if (commandLine(pid)[0] === 'containerd') send(pid, 'SIGKILL');
    for (const monitor of processesWith(started.trim())) send(monitor, 'SIGKILL');
  };
  try {
    await untilItAnswers(() => run('exec', name, 'ctr', 'version'));
  } catch (error) {
    const { stdout, stderr } = await run('logs', name);
    await close();
    throw new Error(`${(error as Error).message}: ${(stdout + stderr).slice(-2000)}`);
  }
  return { name, env: kindEnv(engine), images, close };
}

/**
 * kind calls plain `podman` and `docker`, whose server it can be told by the environment alone: with `CONTAINER_HOST`
 * podman is a client, without it works on the storage of `CONTAINERS_STORAGE_CONF`. Only with podman must kind be told
 * the provider; it asks the engine that it finds first otherwise.
 */
export function kindEnv({ env, inputs }: PrivateEngine): Record<string, string> {
  const provider = inputs['engine'] as string;
  const url = inputs['engine-url'];
  const host = provider === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST';
  return { ...env, KIND_EXPERIMENTAL_PROVIDER: provider, ...(url === undefined ? {} : { [host]: url }) };
}

/** Cgroups may be read-only; of podman's runtimes only crun can do without them. */
async function hasCrun(must: (...args: string[]) => Promise<string>): Promise<boolean> {
  return (await must('info', '--format={{.Host.OCIRuntime.Name}}')).trim() === 'crun';
}

async function untilItAnswers(ask: () => Promise<{ exit: number | null; stderr: string }>): Promise<void> {
  let last = '';
  for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; await sleep(100)) {
    const { exit, stderr } = await ask();
    if (exit === 0) return;
    last = stderr;
  }
  throw new Error(`the node's containerd does not answer: ${last}`);
}

/** From this system's own containerd, with the libraries that it names; its folder is a volume, as overlays do not nest. */
async function buildNodeImage(must: (...args: string[]) => Promise<string>): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'e2e-node-'));
  try {
    const rootfs = join(context, 'rootfs');
    const copy = (from: string, to: string) => {
      mkdirSync(join(rootfs, dirname(to)), { recursive: true });
      copyFileSync(from, join(rootfs, to));
    };
    for (const program of ['containerd', 'ctr'].map(findProgram)) {
      copy(program, program);
      for (const library of librariesOf(program)) copy(library, library);
    }
    for (const folder of ['tmp', 'var', 'etc/containerd']) mkdirSync(join(rootfs, folder), { recursive: true });
    // Older ones dump no configuration where there is no file of it.
    writeFileSync(join(rootfs, 'etc/containerd/config.toml'), 'version = 2\n');
    writeFileSync(
      join(context, 'Containerfile'),
      'FROM scratch\nCOPY rootfs/ /\nENV PATH=/usr/bin\nVOLUME /var\nCMD ["containerd"]\n',
    );
    await must('build', '--tag', IMAGE, '--file', join(context, 'Containerfile'), context);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

function findProgram(program: string): string {
  const { status, stdout } = spawnSync('which', [program], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} is not installed: expected Debian's containerd`);
  return stdout.trim();
}

/** Paths in what `ldd` prints: `libc.so.6 => /usr/lib/…/libc.so.6 (0x…)`, and the loader's without an arrow. */
function librariesOf(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path as string);
}

/** Rows of `ctr images list`: reference, type, digest, size, platforms, labels. */
function parseImages(table: string): { name: string; digest: string }[] {
  const rows = table.split('\n').slice(1).filter(Boolean);
  return rows.map((row) => {
    const [name = '', , digest = ''] = row.split(/\s+/);
    return { name, digest };
  });
}
