import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/**
 * Who may import whom (docs/architecture.md). A room may use itself and the rooms named here; `types` are those that
 * it may only take types from. Data flows one way, so that no room can reach back.
 */
const RULES: Record<string, { rooms: string[]; types?: string[]; packages?: string[] }> = {
  journal: { rooms: [] },
  secrets: { rooms: [] },
  inputs: { rooms: ['secrets'], packages: ['zod', 'yaml', 'csv-parse/sync', 'node:path', 'node:util'] },
  plan: { rooms: ['inputs', 'secrets'], packages: ['node:path', 'node:crypto', 'dockerfile-ast'] },
  history: { rooms: [], types: ['journal'], packages: ['zod', 'node:crypto', '@actions/cache'] },
  engine: { rooms: ['secrets'], types: ['journal', 'plan', 'inputs'] },
  verdict: { rooms: [], types: ['journal'] },
  schedule: { rooms: [], types: ['journal'], packages: ['p-limit'] },
  recover: { rooms: ['engine'], types: ['journal', 'schedule'] },
  resources: { rooms: ['engine'], types: ['journal'] },
  handoff: { rooms: ['engine'], types: ['journal', 'plan', 'inputs'], packages: ['node:path', 'zod'] },
  build: {
    rooms: ['engine', 'verdict', 'schedule', 'recover', 'history'],
    types: ['journal', 'plan', 'inputs', 'handoff'],
    packages: ['p-retry'],
  },
  // The journal's list of verdicts is a value that report.json's schema is made of.
  report: { rooms: ['journal'], packages: ['zod', 'dockerfile-ast'] },
  host: {
    rooms: [
      'journal',
      'report',
      'build',
      'recover',
      'engine',
      'handoff',
      'resources',
      'schedule',
      'secrets',
      'history',
      'plan',
    ],
    types: ['inputs'],
    packages: [
      '@actions/core',
      '@balena/dockerignore',
      'node:child_process',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:os',
      'node:path',
      'node:stream',
      'node:stream/promises',
      'node:timers/promises',
      'node:v8',
      'node:zlib',
      'tar-stream',
    ],
  },
};

/** What the browser's half of report.html may import: itself, the chart library, the report's data, and how it writes figures. */
const CLIENT = [
  /^\.\/[\w-]+\.js$/,
  /^uplot$/,
  /^\.\.\/src\/report\/html\/report-data\.js$/,
  /^\.\.\/src\/report\/figures\.js$/,
];

const source = join(process.cwd(), 'src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

function importsOf(file: string) {
  const text = readFileSync(join(source, file), 'utf8');
  const imports = /^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gm;
  const lazy = /\bimport(\()'([^']+)'\)/g;
  return [...text.matchAll(imports), ...text.matchAll(lazy)].map((match) => {
    const target = match[2] as string;
    const path = target.startsWith('.') ? normalize(join(dirname(file), target)) : undefined;
    const room = path?.includes('/') ? path.split('/')[0] : undefined;
    return { target, room, inside: path !== undefined, typeOnly: match[1]?.startsWith('type') === true };
  });
}

describe('the rooms', () => {
  it.each(Object.keys(RULES))('%s imports only what it may', (room) => {
    const rule = RULES[room] as (typeof RULES)[string];
    const own = files.filter((file) => normalize(file).startsWith(`${room}/`));
    expect(own.length).toBeGreaterThan(0);
    const broken = own.flatMap((file) =>
      importsOf(file)
        .filter(({ target, room: other, inside, typeOnly }) => {
          if (!inside) return !(rule.packages ?? []).includes(target);
          if (other === room || rule.rooms.includes(other ?? '')) return false;
          return !(typeOnly && (rule.types ?? []).includes(other ?? ''));
        })
        .map(({ target }) => `${file} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('are all named here', () => {
    const rooms = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0] as string));
    expect([...rooms].sort()).toEqual(Object.keys(RULES).sort());
  });

  it('hold no clock and no chance where they are pure', () => {
    const pure = files.filter(
      // What was generated is a text that runs in a browser.
      (file) =>
        /^(secrets|schedule|verdict|journal|report|plan|inputs|engine|recover|handoff|history)\//.test(file) &&
        !/\.generated\.ts$/.test(file),
    );
    const impure = pure.filter((file) =>
      /Date\.now|new Date\(\)|Math\.random|\bprocess\.\w|setTimeout|setInterval/.test(
        readFileSync(join(source, file), 'utf8'),
      ),
    );
    expect(impure).toEqual([]);
  });

  it('lend the browser their types and their way of writing figures, and nothing else', () => {
    const client = join(process.cwd(), 'client');
    const broken = readdirSync(client)
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [...readFileSync(join(client, file), 'utf8').matchAll(/^(?:import|export)\s[^;]*?from\s+'([^']+)'/gm)]
          .filter(([, target]) => !CLIENT.some((allowed) => allowed.test(target as string)))
          .map(([, target]) => `${file} imports ${target}`),
      );
    expect(broken).toEqual([]);
  });

  it('get the schema of report.json only as types: who runs a build has no use for it', () => {
    const importers = files.flatMap((file) =>
      importsOf(file)
        .filter(({ target, typeOnly }) => /json-schema\.js$/.test(target) && !typeOnly)
        .map(() => normalize(file)),
    );
    expect(importers).toEqual([]);
  });

  it('start processes in one place, from lists of arguments, and have a shell for recovery-command alone', () => {
    const texts = files.map((file) => ({ file: normalize(file), text: readFileSync(join(source, file), 'utf8') }));
    const using = (pattern: RegExp) => texts.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
    expect(using(/from 'node:child_process'/).filter((file) => file !== 'host/timed-group.ts')).toEqual([
      'host/process-group.ts',
    ]);
    expect(readFileSync(join(source, 'host/timed-group.ts'), 'utf8')).toMatch(
      /import type .* from 'node:child_process'/,
    );
    expect(using(/\bshell:|\bexecSync\b|\bexec\(['"`]/)).toEqual([]);
    // `time(1)` is tried on a script that is always the same one.
    const shells = /['"](?:\/bin\/(?:ba)?sh|cmd\.exe|powershell|bash)['"]|['"]sh['"], ['"]-c['"]/;
    expect(using(shells).sort()).toEqual(['host/recovery-acts.ts', 'resources/time-command.ts']);
  });

  it('keep the composition root short', () => {
    expect(readFileSync(join(source, 'main.ts'), 'utf8').split('\n').length).toBeLessThanOrEqual(80);
  });
});
