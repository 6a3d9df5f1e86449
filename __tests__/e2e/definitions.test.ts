import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Run } from '../support/bundle-run.js';
import { type Lab, openLab } from '../support/lab.js';
import { writeImage } from '../support/workload.js';

// What cannot be had is said, and is no failure: the engine lab takes root and mounts (scripts/engine-lab).
const ENGINE_LAB = join(process.cwd(), 'scripts', 'engine-lab');
const SID = join(process.env['E2E_LAB_ROOT'] ?? '/var/tmp/e2e-lab', 'sid');
const TOOLS = {
  'docker compose': 'usr/libexec/docker/cli-plugins/docker-compose',
  'docker buildx': 'usr/libexec/docker/cli-plugins/docker-buildx',
  'podman-compose': 'usr/bin/podman-compose',
};

let lab: Lab;
let bin: string;
beforeEach(async () => {
  lab = await openLab();
  bin = join(lab.workspace, '..', 'bin');
  mkdirSync(bin);
  for (const name of ['docker', 'docker-compose', 'podman-compose']) install(name, 'exit 127');
  for (const name of ['api', 'web', 'tool'])
    writeImage(lab.workspace, name, [`LABEL name=${name}`, 'ARG PORT', 'RUN echo "port $PORT" > /port']);
});
afterEach(async () => {
  await lab.close();
});

/** Puts a command first on the path of a run; what is installed beside it is the machine's own affair. */
function install(name: string, script: string) {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}
/** A test that needs this tool of the engine lab: a skipped one where it is not installed, which is said. */
function whenInLab(tool: keyof typeof TOOLS): typeof it | typeof it.skip {
  if (existsSync(join(SID, TOOLS[tool]))) return it;
  console.log(`skipped: ${tool} is not in the engine lab (${SID}): run scripts/engine-lab setup in a new one`);
  return it.skip;
}
/** A command of the engine lab, which sees this test's folder at the same place. */
function installFromLab(tool: keyof typeof TOOLS): void {
  const [name = ''] = tool.split(' ');
  const seen = join(lab.workspace, '..');
  install(
    name,
    `echo "${name} $*" >> '${seen}/calls'\nexec '${ENGINE_LAB}' enter '${SID}' --bind '${seen}' -- ${name} "$@"`,
  );
}
const calls = () =>
  readFileSync(join(lab.workspace, '..', 'calls'), 'utf8')
    .trim()
    .split('\n');
const write = (path: string, text: string) => {
  mkdirSync(join(lab.workspace, path, '..'), { recursive: true });
  writeFileSync(join(lab.workspace, path), text);
};
const run = (inputs: Record<string, string>, env: Record<string, string> = {}, signal?: AbortSignal) =>
  lab.run([], { images: '', ...inputs }, signal, { PATH: `${bin}:${process.env['PATH']}`, ...env });
const built = ({ images }: Run) =>
  Object.entries(images)
    .map(([name, { verdict }]) => `${name} ${verdict}`)
    .sort();
const labelOf = (tag: string, label: string) =>
  spawnSync('podman', ['--url', lab.server.url, 'image', 'inspect', '--format', `{{index .Labels "${label}"}}`, tag], {
    encoding: 'utf8',
    env: { ...process.env, ...lab.server.env },
  }).stdout.trim();

const COMPOSE = `services:
  api:
    image: localhost/\${PROJECT}/api:\${TAG:-latest}
    build:
      context: ../api
      dockerfile: Containerfile
      args: {PORT: "\${PORT:-80}"}
      labels: {price: $$5}
      shm_size: 32mb
      ulimits: {nofile: 1024}
      network: none
  inline:
    image: localhost/shop/inline:e2e
    build:
      context: ../web
      dockerfile_inline: |
        FROM scratch
        COPY rootfs/ /
        LABEL inline=yes
  db:
    image: postgres
`;

describe('files', () => {
  it('of compose are built by our own reading where no tool is there, which is said', async () => {
    write('deploy/compose.yaml', COMPOSE);
    write('deploy/.env', 'PROJECT=shop\nTAG=1.2\n');
    const result = await run({ files: 'deploy/compose.yaml' }, { PORT: '8080' });
    expect(built(result)).toEqual(['api success', 'inline success']);
    expect(result.log).toContain('deploy/compose.yaml: read without a tool');
    expect(labelOf('localhost/shop/api:1.2', 'price')).toBe('$5');
    expect(labelOf('localhost/shop/inline:e2e', 'inline')).toBe('yes');
  });

  it('of bake are built from plain JSON: what its group default names, with what those inherit', async () => {
    const target = {
      _common: { args: { PORT: '1' }, labels: { team: 'e2e' } },
      api: { inherits: ['_common'], context: 'api', dockerfile: 'Containerfile', tags: ['localhost/bake/api:e2e'] },
      web: { context: 'web' },
      tool: { context: 'tool' },
    };
    write('docker-bake.json', JSON.stringify({ group: { default: { targets: ['api', 'web'] } }, target }));
    const result = await run({ files: 'docker-bake.json' });
    expect(built(result)).toEqual(['api success', 'web success']);
    expect(labelOf('localhost/bake/api:e2e', 'team')).toBe('e2e');
  });

  it('of our own are built beside images, with defaults, as far as targets pick them', async () => {
    write(
      'e2e/images.yml',
      'defaults: {labels: {team: e2e}}\nimages:\n  api: {context: api, needs: web}\n  web: {context: web, labels: {own: x}}\n  tool: {context: tool}\n',
    );
    const images = JSON.stringify([{ name: 'api-docs', context: 'tool' }]);
    const result = await run({ images, files: 'e2e/images.yml', targets: 'api*' });
    expect(built(result)).toEqual(['api success', 'api-docs success', 'web success']);
    expect([labelOf('web:e2e', 'team'), labelOf('web:e2e', 'own')]).toEqual(['e2e', 'x']);
  });

  it('that cannot be read are errors, all at once, and nothing is built', async () => {
    write('large.yml', '');
    truncateSync(join(lab.workspace, 'large.yml'), 3 * 1024 * 1024);
    mkdirSync(join(lab.workspace, 'folder'));
    spawnSync('mkfifo', [join(lab.workspace, 'pipe.yml')]);
    symlinkSync('/etc/passwd', join(lab.workspace, 'link.yml'));
    write('compose.yaml', 'services:\n  api: {build: {context: api, privileged: true}, environment: {P: hunter2}}\n');
    const result = await run({ files: 'large.yml,folder,pipe.yml,link.yml,none.yml,compose.yaml' });
    expect(result.exitCode).toBe(1);
    for (const said of [
      /seen "large\.yml".*it has 3145728 bytes, and 2097152 are the most/,
      /seen "folder".*is a folder/,
      /seen "pipe\.yml".*is no plain file/,
      /seen "link\.yml".*a symbolic link leads to \/etc\/passwd/,
      /seen "none\.yml".*there is no file/,
      /compose\.yaml: services\.api: privileged: seen "true", expected false/,
    ]) {
      expect(result.log).toMatch(said);
    }
    expect(result.log).not.toContain('hunter2');
  });

  it('are not read again by the post step of a killed run, which needs no tool for it', async () => {
    install('docker', `echo "$*" >> '${lab.workspace}/../calls'; exit 1`);
    writeImage(lab.workspace, 'slow', ['RUN /bin/busybox sleep 30']);
    write('compose.yaml', 'services: {slow: {build: {context: slow, dockerfile: Containerfile}}}');
    const kill = new AbortController();
    const timer = setInterval(() => {
      if (lab.mostClients() > 0) kill.abort();
    }, 100);
    const result = await lab.run(
      [],
      { images: '', files: 'compose.yaml' },
      undefined,
      { PATH: `${bin}:${process.env['PATH']}` },
      kill.signal,
    );
    clearInterval(timer);
    expect(result.exitCode).toBeNull();
    expect(result.postExitCode).toBe(0);
    expect(result.log).not.toMatch(/could not be finished/);
    expect(result.summary).toMatch(/interrupted/i);
    expect(calls()).toEqual(['compose version']);
  });
});

describe('the tools themselves', () => {
  whenInLab('docker compose')('resolve a compose file: docker compose', async () => {
    installFromLab('docker compose');
    write(
      'deploy/base.yaml',
      'services: {base: {build: {context: ../tool, dockerfile: Containerfile, labels: {from: base}}}}',
    );
    write('more/more.yaml', 'services: {more: {build: {context: ../web, dockerfile: Containerfile}}}');
    write(
      'deploy/compose.yaml',
      `include: [../more/more.yaml]\n${COMPOSE}  tool:\n    extends: {file: base.yaml, service: base}\n    image: localhost/shop/tool:e2e\n  debug:\n    build: nowhere\n    profiles: [debug]\n`,
    );
    write('deploy/.env', 'PROJECT=shop\nTAG=1.2\n');
    const result = await run({ files: 'deploy/compose.yaml' }, { PORT: '8080' });
    expect(result.log).toMatch(
      /deploy\/compose\.yaml: resolved by Docker Compose \d\S*: docker compose -f \S+ config --format json/,
    );
    expect(built(result)).toEqual(['api success', 'inline success', 'more success', 'tool success']);
    expect(labelOf('localhost/shop/api:1.2', 'price')).toBe('$5');
    expect(labelOf('localhost/shop/tool:e2e', 'from')).toBe('base');
    expect(labelOf('localhost/more:e2e', 'name')).toBe('web');
  });

  whenInLab('podman-compose')('resolve a compose file: podman-compose', async () => {
    installFromLab('podman-compose');
    write('deploy/compose.yaml', COMPOSE);
    write('deploy/.env', 'PROJECT=shop\nTAG=1.2\n');
    const result = await run({ files: 'deploy/compose.yaml' });
    expect(result.log).toMatch(
      /deploy\/compose\.yaml: resolved by podman-compose 1\.\d\S*: podman-compose -f \S+ config/,
    );
    expect(built(result)).toEqual(['api success', 'inline success']);
    expect(labelOf('localhost/shop/api:1.2', 'price')).toBe('$5');
  });

  whenInLab('docker buildx')('resolve a bake file with variables and a matrix: docker buildx bake', async () => {
    installFromLab('docker buildx');
    write(
      'docker-bake.hcl',
      `variable "TAG" { default = "1" }
group "default" { targets = ["app"] }
target "app" {
  name = "app-\${svc}"
  matrix = { svc = ["api", "web"] }
  context = svc
  dockerfile = "Containerfile"
  tags = ["localhost/hcl/\${svc}:\${TAG}"]
  labels = { template = "$\${x}" }
}
target "tool" { context = "tool" }
`,
    );
    const result = await run({ files: 'docker-bake.hcl' }, { TAG: '7' });
    expect(result.log).toMatch(
      /docker-bake\.hcl: resolved by docker buildx \d\S*: docker buildx bake --file \S+ --print/,
    );
    expect(built(result)).toEqual(['app-api success', 'app-web success']);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template stands for that is escaped
    expect(labelOf('localhost/hcl/web:7', 'template')).toBe('${x}');
  });

  whenInLab('docker compose')('refuse what is wrong in their own words', async () => {
    installFromLab('docker compose');
    write('compose.yaml', 'services: {api: {build: {context: api, nope: hunter2}}}');
    const result = await run({ files: 'compose.yaml' });
    expect(result.exitCode).toBe(1);
    expect(result.log).toMatch(/compose\.yaml: seen ".*additional properties 'nope' not allowed"/);
    expect(result.log).not.toContain('hunter2');
  });
});
