import { resolve } from 'node:path';
import { isWithin, LINK_OUT, linkOut } from '../disk.js';
import { type ReadDocument, readDocument } from '../document.js';
import type { Problem } from '../inputs.js';
import { splitNames } from '../values.js';
import { type Budget, createBudget } from './budget.js';
import { type Format, formatOf, isHcl } from './format.js';
import { readOwn } from './own.js';
import { readBake } from './read-bake.js';
import { readCompose } from './read-compose.js';
import { type DefinitionEffects, type Definitions, type DefinitionText, NO_DEFINITIONS } from './source.js';

/** More are a mistake, and each costs time. */
const MAX_FILES = 100;

/**
 * Reads the input `files`: definition files of our own format, each by itself; compose files, together one project; bake
 * files, together one definition. Everything that is wrong is a problem.
 */
export async function readDefinitions(files: string, effects: DefinitionEffects): Promise<Definitions> {
  const paths = [...new Set(splitNames(files))];
  if (paths.length === 0) return NO_DEFINITIONS;
  if (paths.length > MAX_FILES) {
    const problem = { where: 'files', seen: `${paths.length} files`, expected: `at most ${MAX_FILES}` };
    return { ...NO_DEFINITIONS, problems: [problem] };
  }
  const problems: Problem[] = [];
  const notices: string[] = [];
  const budget = createBudget();
  const texts: DefinitionText[] = [];
  for (const path of paths) {
    const text = readText(path, effects, problems, notices);
    if (text === undefined) continue;
    const excess = budget.takeText(path, text.text, !isHcl(path));
    // What the files after it hold is not known then, and no image of these could be trusted to be the one that is meant.
    if (excess !== undefined) return { ...NO_DEFINITIONS, problems: [...problems, excess], notices };
    texts.push(onBudget(text, budget));
  }
  const groups = new Map<string, [DefinitionText, ...DefinitionText[]]>();
  for (const text of texts) {
    const format = formatOf(text.path, text.document);
    const key = format === 'own' ? text.path : FORMAT_KEYS[format];
    groups.set(key, [...(groups.get(key) ?? []), text] as [DefinitionText, ...DefinitionText[]]);
  }
  const read: Definitions[] = [{ images: [], problems, notices }];
  for (const [key, group] of groups) {
    const one = await readGroup(key, group, effects);
    const excess = budget.takeImages(group[0].path, one.images.length);
    if (excess !== undefined) return { ...NO_DEFINITIONS, problems: [...problems, excess], notices };
    read.push(one);
  }
  return {
    images: read.flatMap((one) => one.images),
    problems: read.flatMap((one) => one.problems),
    notices: read.flatMap((one) => one.notices),
  };
}

async function readGroup(
  key: string,
  group: [DefinitionText, ...DefinitionText[]],
  effects: DefinitionEffects,
): Promise<Definitions> {
  if (key === FORMAT_KEYS.compose) return readCompose(group, effects);
  if (key === FORMAT_KEYS.bake) return readBake(group, effects);
  return { ...readOwn(group[0]), notices: [] };
}

// No path has a NUL in it.
const FORMAT_KEYS: Record<Exclude<Format, 'own'>, string> = {
  compose: '\0compose',
  bake: '\0bake',
  'bake-hcl': '\0bake',
};

function onBudget(text: Pick<DefinitionText, 'path' | 'absolute' | 'text'>, budget: Budget): DefinitionText {
  let read: ReadDocument | undefined;
  return {
    ...text,
    document: () => {
      read ??= budget.takeDocument(text.path, readDocument(text.path, text.text));
      return read;
    },
    takeValues: (count) => budget.takeValues(text.path, count),
  };
}

function readText(
  path: string,
  { workspace, disk, read }: DefinitionEffects,
  problems: Problem[],
  notices: string[],
): Pick<DefinitionText, 'path' | 'absolute' | 'text'> | undefined {
  const absolute = resolve(workspace, path);
  const report = (problem: Omit<Problem, 'where' | 'seen'>) =>
    problems.push({ where: 'files', seen: path, ...problem });
  const expected = 'a definition file, relative to the workspace or absolute';
  const out = linkOut(absolute, [workspace], disk);
  if (path.includes('\0')) report({ expected });
  else if (disk.isFolder(absolute)) report({ expected, hint: `${absolute} is a folder` });
  else if (!disk.isFile(absolute)) report({ expected, hint: `there is no file ${absolute}` });
  else if (out !== undefined) report(LINK_OUT(out));
  else {
    const found = read(absolute);
    if (!isWithin(absolute, workspace)) notices.push(`files "${path}" is outside of the workspace: ${absolute}`);
    if ('text' in found) return { path, absolute, text: found.text.replace(/^\ufeff/, '') };
    report({ expected: `${expected}, that can be read`, hint: found.failure });
  }
  return undefined;
}
