import { apiAddress, pingRequest } from './api.js';
import { BUILDAH_PROBE, buildahFromProbe } from './buildah.js';
import { BUILDX_PROBE, DOCKER_CLIENT_PROBE, dockerFromApi, dockerFromProbe, dockerProbe } from './docker.js';
import type { Answer, Command, Engine, EngineRequest, Question } from './engine.js';
import { PODMAN_CLIENT_PROBE, podmanFromApi, podmanFromProbe, podmanProbe } from './podman.js';

type EngineName = Engine['facts']['name'];

/** `auto` asks in this order. */
const ORDER: EngineName[] = ['podman', 'docker', 'buildah'];

export interface Probing {
  /** Asks a server; must end within its own time limit. */
  askServer(question: Question): Promise<Answer>;
  /** Asks the client alone. */
  askClient(command: Command): Promise<Answer>;
  /** `DOCKER_BUILDKIT=0` is the user's word for the legacy builder. */
  environment: Record<string, string | undefined>;
  sleep(ms: number): Promise<void>;
}

/** No engine answers; the message names what was tried, what each said, and what to do. */
export class NoEngineError extends Error {}

/** A server that is just restarting is not a wrong address: an installed engine is asked again, for so long. */
const PATIENCE_MS = 3_000;
const ASK_AGAIN_MS = 500;

/**
 * Finds the engine that the user asked for, or with `auto` the first of podman, docker and buildah that answers.
 * Throws NoEngineError when none does.
 */
export async function detectEngine(request: EngineRequest, probing: Probing): Promise<Engine> {
  for (let waited = 0; ; waited += ASK_AGAIN_MS) {
    const said: { name: EngineName; complaint: Complaint }[] = [];
    for (const name of candidates(request)) {
      const found = await PROBES[name](request, probing, reason(request, name, said));
      if ('facts' in found) return found;
      said.push({ name, complaint: found });
    }
    const mayComeBack = said.some(({ complaint }) => complaint.installed);
    if (!mayComeBack || waited >= PATIENCE_MS) throw noEngine(request, said);
    await probing.sleep(ASK_AGAIN_MS);
  }
}

type Said = { name: EngineName; complaint: Complaint }[];

function noEngine(request: EngineRequest, said: Said): NoEngineError {
  return new NoEngineError(
    [
      request.engine === 'auto' ? 'No engine answers. Tried:' : `The engine ${request.engine} does not answer:`,
      ...said.map(({ name, complaint }) => `  ${name}: ${complaint.text}`),
      'Install podman, docker or buildah and start its server, or set engine-url to the server that runs.',
    ].join('\n'),
  );
}

function candidates(request: EngineRequest): EngineName[] {
  if (request.engine !== 'auto') return [request.engine];
  if (request.builder !== undefined) return ['docker'];
  return ORDER.filter((name) => request.engineUrl === undefined || name !== 'buildah');
}

function reason(request: EngineRequest, name: EngineName, said: Said): string {
  if (request.engine !== 'auto') return `engine: ${name} was asked for`;
  if (request.builder !== undefined) return 'builder is set, and only docker has builders';
  if (said.length === 0) return `${name} is the first to be asked, and it answers`;
  return `the first that answers (${said.map((other) => `${other.name}: ${other.complaint.text}`).join('; ')})`;
}

/** Why an engine cannot be taken; one that is installed may answer later. */
interface Complaint {
  text: string;
  installed: boolean;
}

const PROBES: Record<
  EngineName,
  (request: EngineRequest, probing: Probing, why: string) => Promise<Engine | Complaint>
> = {
  podman: async (request, probing, why) => {
    const api = apiAddress(request.engineUrl ?? probing.environment['CONTAINER_HOST'], probing.environment);
    if (api === undefined) {
      const result = await probing.askServer(podmanProbe(request));
      return result.code === 0 ? orComplaint(podmanFromProbe(request, result, why)) : complaint(result);
    }
    const [ping, client] = await Promise.all([
      probing.askServer(pingRequest(api)),
      probing.askClient(PODMAN_CLIENT_PROBE),
    ]);
    if (client.code !== 0) return complaint(client);
    return ping.code === 0 ? orComplaint(podmanFromApi(request, api, ping, why)) : noAnswer(ping);
  },
  docker: async (request, probing, why) => {
    const api = apiAddress(request.engineUrl ?? probing.environment['DOCKER_HOST'], probing.environment);
    const legacy = probing.environment['DOCKER_BUILDKIT'] === '0' && request.builder === undefined;
    const [result, client, buildx] = await Promise.all([
      probing.askServer(api === undefined ? dockerProbe(request) : pingRequest(api)),
      api === undefined ? undefined : probing.askClient(DOCKER_CLIENT_PROBE),
      legacy ? undefined : probing.askClient(BUILDX_PROBE),
    ]);
    const hasBuildx = buildx?.code === 0;
    if (client !== undefined && client.code !== 0) return complaint(client);
    if (api === undefined) {
      return result.code === 0 ? orComplaint(dockerFromProbe(request, result, hasBuildx, why)) : complaint(result);
    }
    return result.code === 0 ? orComplaint(dockerFromApi(request, api, result, hasBuildx, why)) : noAnswer(result);
  },
  buildah: async (_request, probing, why) => {
    const result = await probing.askClient(BUILDAH_PROBE);
    return result.code === 0 ? orComplaint(buildahFromProbe(result, why)) : complaint(result);
  },
};

/** An answer that cannot be used does not get better by waiting. */
function orComplaint(found: Engine | string): Engine | Complaint {
  return typeof found === 'string' ? { text: found, installed: false } : found;
}

/** A server that is down may come back, whether or not it has said anything. */
function noAnswer(ping: Answer): Complaint {
  return { text: ping.failure ?? `status ${ping.code}`, installed: true };
}

/** The last line that a failed probe printed says most; a server that is down says so there. */
function complaint(result: Answer): Complaint {
  const lines = result.stderr.split('\n').filter((line) => line.trim() !== '');
  const text = lines.at(-1)?.trim() ?? result.failure ?? `exit code ${result.code}, no message`;
  return { text, installed: result.code !== undefined };
}
