import type { Definition } from '../document.js';
import { isMap } from '../document.js';
import type { ImageInput, Problem } from '../inputs.js';
import { showValue } from '../problems.js';
import { composeBuildKeys } from './compose-build.js';
import { readDraft } from './draft.js';

/** Where compose files are, and who resolved them. */
export interface ComposePlace {
  /** The first file's path, as the user wrote it. */
  path: string;
  /** The project's folder, where relative paths begin: the first file's, relative to the workspace or absolute. */
  folder: string;
  /** Absolute. */
  workspace: string;
  /** What to do about a key that only Docker Compose resolves. */
  remedy: string;
}

/**
 * The images that a compose project builds, once variables, `include` and profiles are resolved; a service that only names
 * its image builds none (https://docs.docker.com/reference/compose-file/build/).
 */
export function composeImages(project: unknown, place: ComposePlace): { images: ImageInput[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const services = isMap(project) ? project.get('services') : undefined;
  if (!isMap(services)) {
    problems.push({ where: `${place.path}: services`, seen: showKind(services), expected: 'a map of services' });
    return { images: [], problems };
  }
  const secrets = isMap(project) ? project.get('secrets') : undefined;
  const read = (name: string, service: unknown) =>
    composeImage(name, service, { ...place, secrets: isMap(secrets) ? secrets : new Map(), problems });
  return { images: [...services].flatMap(([name, service]) => read(name, service) ?? []), problems };
}

function composeImage(
  name: string,
  service: unknown,
  place: ComposePlace & { secrets: Definition; problems: Problem[] },
): ImageInput | undefined {
  const where = `${place.path}: services.${name}`;
  const report = (key: string, seen: string, expected: string, hint?: string) =>
    place.problems.push({ where: `${where}: ${key}`, seen, expected, ...(hint === undefined ? {} : { hint }) });
  if (!isMap(service)) {
    report('build', showKind(service), 'a service with build, or with image');
    return undefined;
  }
  if (service.has('extends')) {
    report('extends', 'extends', 'a service that extends no other', place.remedy);
    return undefined;
  }
  const build = service.get('build');
  if (build === undefined || build === null) {
    if (!service.has('image') && !service.has('provider')) report('build', '', 'build, or image');
    return undefined;
  }
  if (typeof build !== 'string' && !isMap(build)) {
    report('build', showKind(build), 'a folder, or a map with a context');
    return undefined;
  }
  const definition: Definition = isMap(build) ? build : new Map([['context', build]]);
  const image = readDraft(definition, composeBuildKeys(definition, place), { name, where, problems: place.problems });
  const tag = service.get('image');
  if (tag !== undefined && typeof tag !== 'string') report('image', showKind(tag), 'the name of an image');
  const tags = [...(typeof tag === 'string' ? [tag] : []), ...(image.tags ?? [])];
  const platform = service.get('platform');
  const isPlatform = typeof platform === 'string' && platform !== '' && (image.platforms ?? []).length === 0;
  return {
    ...image,
    ...(tags.length === 0 ? {} : { tags: [...new Set(tags)] }),
    ...(isPlatform ? { platforms: [platform] } : {}),
  };
}

/** What stands there, without what it says: a file of services holds secrets in many places. */
function showKind(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return 'a list';
  return isMap(value) ? 'a map' : value === null ? 'null' : showValue('a text');
}
