import { z } from 'zod';
import { VERDICT_CLASSES } from '../journal/events.js';

/** The parts of report.json's schema that an attempt is made of, and the kinds of values. */

export const text = z.string();
export const time = z.iso.datetime().describe('ISO 8601, UTC');
export const ms = z.number().describe('milliseconds');
export const bytes = z.number().describe('bytes');
export const count = z.number().int();
export const mode = z.enum(['parallel', 'reduced', 'serial']);
export const outcome = z.enum(['success', 'skipped', 'unfinished', ...VERDICT_CLASSES]);

export const verdict = z.object({
  class: z.enum(VERDICT_CLASSES),
  evidence: z.array(text).describe('sentences, the decisive one first'),
  line: text.optional().describe("the client's own last error line"),
  signature: text.optional().describe('the signature that matched'),
});

const ending = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exited'), code: z.number().int() }),
  z.object({ kind: z.literal('signalled'), signal: text }),
  z.object({ kind: z.literal('timed-out'), afterMs: ms }),
  z.object({ kind: z.literal('deadline'), afterMs: ms }),
  z.object({ kind: z.literal('hung'), silentMs: ms }),
  z.object({ kind: z.literal('cancelled'), reason: text }),
  z.object({ kind: z.literal('not-spawned'), reason: text }),
]);

export const built = z.object({ id: text, sizeBytes: bytes.optional() });

const kernelUsage = z.object({
  userMs: ms.optional(),
  systemMs: ms.optional(),
  peakRssBytes: bytes.optional(),
  messagesSent: count.optional(),
  messagesReceived: count.optional(),
  signals: count.optional(),
  voluntarySwitches: count.optional(),
  involuntarySwitches: count.optional(),
});

const usage = z.object({
  userMs: ms.optional(),
  systemMs: ms.optional(),
  peakRssBytes: bytes.optional(),
  stepPeakRssBytes: bytes.optional().describe("of a step's processes, where a server on this machine runs them"),
  voluntarySwitches: count.optional(),
  involuntarySwitches: count.optional(),
  kernel: kernelUsage.optional().describe('what the kernel says of the whole process tree at its end'),
});

const step = z.object({
  startedAt: time,
  durationMs: ms,
  step: text.describe('such as 2/5, or [1/2] 3/7 in a build of several stages'),
  text: text.describe('the instruction'),
  cached: z.boolean().optional(),
});

export const attempt = z.object({
  number: count.describe('1 for the first'),
  startedAt: time,
  endedAt: time.optional(),
  durationMs: ms,
  delayMs: ms.optional().describe('backoff before it'),
  command: text,
  pid: count.optional(),
  failedLine: count.optional().describe('line of the Containerfile that failed, from 1'),
  log: text.describe('the log file, relative to the folder'),
  ending: ending.optional(),
  built: built.optional(),
  verdict: verdict.optional(),
  incident: count.optional().describe('the incident that took it down'),
  usage,
  steps: z.array(step),
  tail: text.optional().describe('the last lines of output of a failed attempt'),
});
