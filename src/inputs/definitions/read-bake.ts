import type { Definition } from '../document.js';
import { isMap, readDocument } from '../document.js';
import type { Problem } from '../inputs.js';
import { type BakeDefinition, bakeImages, blocksOf } from './bake.js';
import { resolveBakeFiles, whatNeedsBake } from './bake-json.js';
import { texts } from './draft.js';
import { fieldsToText } from './engine-keys.js';
import { isHcl } from './format.js';
import type { DefinitionEffects, Definitions, DefinitionText } from './source.js';
import { askTool } from './tool-answer.js';
import { withoutLines } from './unshown.js';

const PROBE_LIMIT_MS = 10_000;
const COMMANDS: [string, ...string[]][] = [['docker', 'buildx'], ['buildx']];
// Where bake writes a template's `${` as `$${`, for its output to be a bake file again.
const ESCAPED = ['args', 'labels', 'annotations', 'extra-hosts', 'dockerfile-inline'];

/** Reads bake files as one definition, as `--file` given several times would: plain JSON by ourselves, anything else by bake. */
export async function readBake(
  files: readonly [DefinitionText, ...DefinitionText[]],
  effects: DefinitionEffects,
): Promise<Definitions> {
  const place = { path: files[0].path, workspace: effects.workspace };
  const read = files.map((file) => (isHcl(file.path) ? 'HCL' : readJson(file)));
  const problems = read.flatMap((one) => (typeof one === 'string' ? [] : one.problems));
  if (problems.length > 0) return { images: [], problems, notices: [] };
  const why = read
    .map((one) => (typeof one === 'string' ? one : whatNeedsBake(one.file)))
    .find((one) => one !== undefined);
  if (why !== undefined) return readByBake(why, files, place, effects);
  const resolved = resolveBakeFiles(read.filter((one) => typeof one !== 'string'));
  const { images, problems: wrong } = bakeImages(resolved, place);
  const notices = [`${files.map(({ path }) => path).join(', ')}: read as plain JSON, without docker buildx`];
  return { images, problems: [...resolved.problems, ...wrong], notices };
}

function readJson({
  path,
  document,
  takeValues,
}: DefinitionText): Pick<DefinitionText, 'path' | 'takeValues'> & { file: Definition; problems: Problem[] } {
  const { value, problems } = document();
  if (isMap(value)) return { path, takeValues, file: value, problems: withoutLines(problems) };
  const wrong =
    problems.length > 0 ? withoutLines(problems) : [{ where: path, seen: '', expected: 'a map with target' }];
  return { path, takeValues, file: new Map(), problems: wrong };
}

async function readByBake(
  why: string,
  files: readonly DefinitionText[],
  place: { path: string; workspace: string },
  effects: DefinitionEffects,
): Promise<Definitions> {
  const tool = await findBuildx(effects.ask);
  if (tool === undefined) {
    const hint = 'install docker buildx, or write plain JSON: docker buildx bake --print prints it';
    const expected = 'plain JSON, as docker buildx, which resolves all else, is not installed';
    return { images: [], problems: [{ where: place.path, seen: why, expected, hint }], notices: [] };
  }
  const [file, ...words] = tool.command;
  const args = [...words, 'bake', ...files.flatMap(({ absolute }) => ['--file', absolute]), '--print'];
  const ask = (...targets: string[]) =>
    askTool({ file, args: [...args, ...targets], name: tool.name, where: place.path, files }, effects);
  // By a pattern bake prints every target, but not which of them it builds when it is asked for none.
  const byDefault = await ask();
  const all = await ask('*');
  if (all.stdout === undefined && byDefault.stdout === undefined) return { images: [], ...all };
  const printed = parsePrinted(all.stdout ?? byDefault.stdout ?? '');
  if (printed === undefined) {
    const seen = `what ${tool.name} printed`;
    return { images: [], problems: [{ where: place.path, seen, expected: 'a bake file of JSON' }], notices: [] };
  }
  const defaults = parsePrinted(byDefault.stdout ?? '')?.groups.get('default');
  const groups = new Map(printed.groups);
  // With a pattern, this group is all that the pattern matched.
  if (defaults === undefined) groups.delete('default');
  else groups.set('default', defaults);
  const notices = [...(byDefault.stdout === undefined ? all : byDefault).notices];
  if (all.stdout !== undefined) return { ...bakeImages({ targets: printed.targets, groups }, place), notices };
  const said = all.problems.map(({ seen }) => seen).join('; ');
  notices.push(
    `${place.path}: only what bake builds by default can be picked, as it cannot resolve all targets: ${said}`,
  );
  return { ...bakeImages({ targets: withoutLinks(printed.targets), groups }, place), notices };
}

/** Of a target that only others need bake says itself that its image goes nowhere. */
function withoutLinks(targets: BakeDefinition['targets']): BakeDefinition['targets'] {
  return new Map(
    [...targets].map(([name, target]) => {
      const output = target.get('output');
      const isLink = Array.isArray(output) && output.length === 1 && fieldsToText(output[0]) === 'type=cacheonly';
      return [name, isLink ? new Map([...target].filter(([key]) => key !== 'output')) : target];
    }),
  );
}

async function findBuildx(
  ask: DefinitionEffects['ask'],
): Promise<{ name: string; command: [string, ...string[]] } | undefined> {
  for (const command of COMMANDS) {
    const [file, ...args] = command;
    const { code, stdout } = await ask({ file, args: [...args, 'version'] }, PROBE_LIMIT_MS);
    const version = /^github\.com\/docker\/buildx (\S+)/m.exec(stdout)?.[1];
    if (code === 0 && version !== undefined) return { name: `docker buildx ${version}`, command };
  }
  return undefined;
}

/** What `--print` printed; undefined when it is something else. */
export function parsePrinted(stdout: string): BakeDefinition | undefined {
  const { value, problems } = readDocument('', stdout);
  const targets = isMap(value) ? blocksOf(value, 'target') : undefined;
  const groups = isMap(value) ? blocksOf(value, 'group') : undefined;
  if (problems.length > 0 || targets === undefined || groups === undefined) return undefined;
  return {
    targets: new Map([...targets].map(([name, target]) => [name, withTemplates(target)])),
    groups: new Map([...groups].map(([name, group]) => [name, texts(group.get('targets')) ?? []])),
  };
}

function withTemplates(target: Definition): Definition {
  const plain = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(/([$%])\1\{/g, '$1{');
    if (Array.isArray(value)) return value.map(plain);
    return isMap(value) ? new Map([...value].map(([key, item]) => [key, plain(item)])) : value;
  };
  return new Map([...target].map(([key, value]) => [key, ESCAPED.includes(key) ? plain(value) : value]));
}
