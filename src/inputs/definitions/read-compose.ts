import { dirname, resolve } from 'node:path';
import { linkOut } from '../disk.js';
import { isMap, readDocument } from '../document.js';
import { type ComposePlace, composeImages } from './compose.js';
import { COMPOSE_REMEDY, composeLookup, resolveComposeFiles } from './compose-plain.js';
import { type ComposeTool, findComposeTool } from './compose-tool.js';
import type { DefinitionEffects, Definitions, DefinitionText } from './source.js';
import { askTool } from './tool-answer.js';

/** Reads compose files as one project, as `-f` given several times would: by a tool, or where there is none by ourselves. */
export async function readCompose(
  files: readonly [DefinitionText, ...DefinitionText[]],
  effects: DefinitionEffects,
): Promise<Definitions> {
  const { path } = files[0];
  const place = { path, folder: dirname(path), workspace: effects.workspace, remedy: COMPOSE_REMEDY };
  const tool = await findComposeTool(effects.ask);
  return tool === undefined ? readByOurselves(files, place, effects) : readByTool(tool, files, place, effects);
}

async function readByTool(
  tool: ComposeTool,
  files: readonly DefinitionText[],
  place: ComposePlace,
  effects: DefinitionEffects,
): Promise<Definitions> {
  const question = tool.config(files.map((file) => file.absolute));
  const asked = await askTool({ ...question, name: tool.name, where: place.path, files }, effects);
  if (asked.stdout === undefined) return { images: [], ...asked };
  const { value, problems } = readDocument(place.path, asked.stdout);
  if (problems.length > 0) {
    const seen = `what ${tool.name} printed`;
    return { images: [], ...asked, problems: [{ where: place.path, seen, expected: 'YAML or JSON that can be read' }] };
  }
  const read = composeImages(tool.escapes ? undouble(value) : value, place);
  return { ...read, notices: asked.notices };
}

function readByOurselves(
  files: readonly DefinitionText[],
  place: ComposePlace,
  effects: DefinitionEffects,
): Definitions {
  const lookup = composeLookup(effects.environment, readDotEnv(place, effects));
  const { project, problems, unset } = resolveComposeFiles(files, lookup);
  const read = problems.length > 0 ? { images: [], problems: [] } : composeImages(project, place);
  const paths = files.map((file) => file.path).join(', ');
  return {
    images: read.images,
    problems: [...problems, ...read.problems],
    notices: [
      `${paths}: read without a tool, as neither Docker Compose 2 nor podman-compose 1.1 answers here`,
      ...unset.map((name) => `${paths}: the variable ${name} is not set, so it is empty`),
    ],
  };
}

/** The text of the project's `.env`; '' when there is none that may be read. */
function readDotEnv(place: ComposePlace, { workspace, disk, read }: DefinitionEffects): string {
  const path = resolve(workspace, place.folder, '.env');
  if (!disk.isFile(path) || linkOut(path, [workspace], disk) !== undefined) return '';
  const found = read(path);
  return 'text' in found ? found.text : '';
}

/** Docker Compose doubles each dollar sign. */
function undouble(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$$', '$');
  if (Array.isArray(value)) return value.map(undouble);
  return isMap(value) ? new Map([...value].map(([key, item]) => [key, undouble(item)])) : value;
}
