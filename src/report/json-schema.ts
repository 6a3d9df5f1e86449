import { z } from 'zod';
import { attempt, built, bytes, count, mode, ms, outcome, text, time, verdict } from './json-schema-attempt.js';

/**
 * What report.json holds, as version 1: within it fields may come, and none goes or changes its meaning. The published
 * JSON Schema (schema/report-1.schema.json) is made of this by `npm run docs`.
 */

const handOff = z.object({
  to: text.describe('such as kind:NAME, archive or push'),
  number: count.describe('1 for the first'),
  startedAt: time,
  endedAt: time.optional(),
  durationMs: ms,
  log: text,
  said: text.optional().describe('what came of it'),
  digest: text.optional(),
  bytes: bytes.optional(),
  command: text.optional().describe('the command that failed'),
  verdict: verdict.optional(),
  incident: count.optional().describe('the one that took it down'),
  tail: text.optional(),
});

const image = z.object({
  name: text,
  tags: z.array(text),
  file: text.optional().describe('its Containerfile, relative to the workspace where it is in it'),
  needs: z.array(text).optional().describe('names of the images that had to be built before it'),
  result: z.enum(['success', 'failure', 'cancelled', 'skipped', 'unfinished']),
  outcome,
  durationMs: ms.describe('of its attempts together, in milliseconds'),
  built: built.optional(),
  restored: z
    .object({
      at: time,
      from: z.enum(['engine', 'cache-service']),
      key: text.describe('of all that decides the image'),
      ageMs: ms.describe('how long before it was built, in milliseconds'),
      archiveBytes: bytes.optional().describe('of its archive, where it came from the cache service'),
    })
    .optional()
    .describe('it was not built, as an earlier run had built the same'),
  notRestored: text.optional().describe('why it was built though images are reused'),
  verdict: verdict.optional(),
  context: z
    .object({ bytes, files: count, complete: z.boolean(), ignoreFile: z.boolean() })
    .optional()
    .describe('what its context folder holds, where it was measured before the run was over'),
  expectedMs: ms.optional().describe('how long it took in earlier runs, in milliseconds'),
  skipped: text.optional().describe('why it was not built: an image that it needs was not'),
  handOffs: z.array(handOff).describe('tries to hand it over'),
  attempts: z.array(attempt),
});

const recovery = z.object({ at: time, command: text, code: z.number().int().optional(), said: text });

const incident = z.object({
  number: count.describe('1 for the first'),
  openedAt: time,
  closedAt: time.optional(),
  durationMs: ms.optional(),
  answered: z.boolean().optional().describe('whether the engine answered again'),
  said: text.optional(),
  evidence: z.array(text),
  sentinel: z
    .object({ at: time, watch: z.enum(['stream', 'pings']) })
    .optional()
    .describe('when the watch on the engine itself noticed'),
  inFlight: z.array(text).describe('what was in flight when the engine died: images, and hand-offs as IMAGE → WHERE'),
  recoveries: z.array(recovery),
});

const leftover = z.object({
  kind: z.enum(['working-container', 'layer', 'process', 'runtime-state', 'temporary-folder']),
  id: text,
});

const cleanUp = z.object({
  at: time,
  incident: count.optional().describe('absent for the one at the end of the run'),
  removed: z.array(leftover),
  freedBytes: bytes.optional(),
  left: z.array(text).describe('why something was left'),
});

const removal = z.object({
  at: time,
  image: text.optional().describe('absent for layers'),
  id: text.optional(),
  layers: count.optional().describe('how many layers that only builds of removed images had made'),
  freedBytes: bytes.optional(),
});

const spread = z.object({ least: z.number(), mean: z.number(), peak: z.number(), last: z.number() }).optional();

const resources = z.object({
  samples: count,
  cpuPercent: spread,
  cpuUserPercent: spread,
  cpuSystemPercent: spread,
  cpuStealPercent: spread,
  load1: spread,
  memoryUsedBytes: spread,
  memoryAvailableBytes: spread,
  swapUsedBytes: spread,
  cpuPressurePercent: spread,
  memoryPressurePercent: spread,
  ioPressurePercent: spread,
  diskFreeBytes: spread,
  oomKills: spread,
  openFiles: spread,
  engine: z
    .object({
      cpuPercent: spread.describe('of one CPU'),
      rssBytes: spread,
      threads: spread,
      openFiles: spread,
      openFilesLimit: spread,
      memoryFreeBytes: spread,
      swapUsedBytes: spread,
    })
    .optional(),
});

/** The whole of report.json. */
export const reportSchema = z.object({
  schema: z.literal(1),
  version: text.describe('of the action'),
  result: z.enum(['success', 'failure', 'cancelled', 'interrupted']),
  startedAt: time,
  endedAt: time,
  durationMs: ms,
  engine: z.object({
    name: z.enum(['podman', 'docker', 'buildah']),
    dialect: z.enum(['podman', 'podman-remote', 'buildah', 'docker-legacy', 'buildkit']),
    served: z.boolean(),
    version: text,
    address: text.optional(),
    why: text,
  }),
  engineMachine: z
    .object({
      name: text.optional(),
      cpus: z.number().optional(),
      memoryBytes: bytes.optional(),
      diskBytes: bytes.optional(),
    })
    .optional()
    .describe("the machine that the engine's server runs on, when that is not this one"),
  host: z.object({ platform: text, cpus: z.number(), memoryBytes: bytes }),
  folder: text,
  budget: z.object({
    lane: count,
    laneLearnt: z.literal(true).optional().describe('earlier runs taught it to begin narrower than max-parallel'),
    retries: count,
    serialAfter: count,
  }),
  lane: count.describe('at the end'),
  mode: mode.describe('at the end'),
  retries: count,
  history: z
    .object({ from: z.enum(['file', 'cache-service']), images: count, runs: count })
    .optional()
    .describe('what was known of earlier runs on this engine'),
  watchedByPings: text.optional().describe('why pings watched the engine instead of its events stream'),
  images: z.array(image),
  incidents: z.array(incident),
  sharedWaits: z
    .array(z.object({ at: time, durationMs: ms, runs: count }))
    .describe('when builds waited for other runs on the same engine'),
  lanes: z.array(z.object({ at: time, lane: count, mode, why: text })),
  resources: resources.describe('figures over the run'),
  cleanUps: z.array(cleanUp),
  removals: z.array(removal).describe('from the engine after hand-offs'),
  warnings: z.array(text),
});

export type ReportJson = z.infer<typeof reportSchema>;

/** The schema as a JSON Schema document. Fields that it does not name may come within the version. */
export function publishedSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(reportSchema, { io: 'input' });
  return {
    $schema: schema.$schema,
    $id: 'report-1.schema.json',
    title: 'report.json of e2e-build-action, version 1',
    ...schema,
  };
}
