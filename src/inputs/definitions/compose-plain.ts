import { parseEnv } from 'node:util';
import type { Definition } from '../document.js';
import { isMap } from '../document.js';
import type { Problem } from '../inputs.js';
import { InterpolationError, interpolate, type Lookup } from './interpolate.js';
import type { DefinitionText } from './source.js';
import { withoutLines } from './unshown.js';

/** What is done about what only a tool can resolve. */
export const COMPOSE_REMEDY = 'install Docker Compose 2, which resolves it';

// Of a service, what decides how its image is built.
const SERVICE_KEYS = ['build', 'extends', 'image', 'platform', 'profiles', 'provider'];

/** Variables as compose finds them: in the environment, then in the text of the project's `.env`. */
export function composeLookup(environment: Readonly<Record<string, string | undefined>>, dotEnv: string): Lookup {
  const file = new Map(Object.entries(parseEnv(dotEnv)));
  return (name) => {
    const value = environment[name];
    if (value !== undefined) return value;
    const written = file.get(name);
    // Whether it is to be resolved depends on its quotes, which are gone.
    if (written?.includes('$'))
      throw new InterpolationError(`.env gives ${name} a value with "$", which is not resolved`);
    return written;
  };
}

/**
 * Resolves plain compose files by ourselves, as far as it decides what is built: variables and profiles, and several files
 * with different services. What takes more is a problem.
 */
export function resolveComposeFiles(
  files: readonly DefinitionText[],
  lookup: Lookup,
): { project: Definition; problems: Problem[]; unset: string[] } {
  const problems: Problem[] = [];
  const unset = new Set<string>();
  const services = new Map<string, unknown>();
  const secrets = new Map<string, unknown>();
  const profiles = activeProfiles(lookup);
  for (const { path, text, document } of files) {
    const report = (key: string, seen: string, expected: string, hint = COMPOSE_REMEDY) =>
      problems.push({ where: `${path}: ${key}`, seen, expected, hint });
    const { value, problems: wrong } = document();
    problems.push(...withoutLines(wrong));
    if (value === undefined) continue;
    const top: Definition = isMap(value) ? value : new Map();
    const written = top.get('services');
    if (!isMap(written)) {
      report('services', '', 'a map of services', 'see https://docs.docker.com/reference/compose-file/services/');
      continue;
    }
    if (top.has('include')) report('include', 'include', 'a file that includes no other');
    if (/!(?:reset|override)\b/.test(text)) report('services', '!reset or !override', 'no tags of compose');
    const fill = (place: string, item: unknown): unknown => fillIn(item, place, { lookup, unset, report });
    for (const [name, service] of written) {
      const place = `services.${name}`;
      if (services.has(name)) report(place, name, 'each service in one file only, as ours cannot be merged');
      const parts = isMap(service) ? [...service].filter(([key]) => SERVICE_KEYS.includes(key)) : undefined;
      const isActive = isMap(service) ? isIn(profiles, fill(`${place}.profiles`, service.get('profiles'))) : true;
      if (!isActive) continue;
      services.set(
        name,
        parts === undefined ? service : new Map(parts.map(([key, part]) => [key, fill(`${place}.${key}`, part)])),
      );
    }
    const given = top.get('secrets');
    for (const [name, secret] of isMap(given) ? given : []) secrets.set(name, fill(`secrets.${name}`, secret));
  }
  return {
    project: new Map([
      ['services', services],
      ['secrets', secrets],
    ]),
    problems,
    unset: [...unset],
  };
}

function activeProfiles(lookup: Lookup): Set<string> {
  try {
    return new Set((lookup('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim()));
  } catch {
    // It is told where it is used in the file.
    return new Set();
  }
}

function isIn(active: ReadonlySet<string>, profiles: unknown): boolean {
  if (!Array.isArray(profiles) || profiles.length === 0 || active.has('*')) return true;
  return profiles.some((profile) => active.has(String(profile)));
}

/** Variables are filled into values, not into keys. A document is a tree of bounded depth (readDocument). */
function fillIn(
  value: unknown,
  place: string,
  on: { lookup: Lookup; unset: Set<string>; report(key: string, seen: string, expected: string, hint: string): void },
): unknown {
  if (Array.isArray(value)) return value.map((item, at) => fillIn(item, `${place}[${at}]`, on));
  if (isMap(value)) return new Map([...value].map(([key, item]) => [key, fillIn(item, `${place}.${key}`, on)]));
  if (typeof value !== 'string') return value;
  try {
    return interpolate(value, on.lookup, (name) => on.unset.add(name));
  } catch (error) {
    if (!(error instanceof InterpolationError)) throw error;
    on.report(place, 'a text with variables', 'variables as compose has them', error.message);
    return '';
  }
}
