import type { VerdictClass } from '../journal/events.js';
import type { AttemptReport, ImageReport, RunReport } from '../journal/run-report.js';
import { type Instruction, readInstructions } from './containerfile.js';
import { failingLine } from './failing-line.js';

/**
 * Failures that belong to the instruction at which they came. A crash of the engine or a lock on its storage does not:
 * whoever is sent to the line that was being built looks for a fault where none is.
 */
const OF_AN_INSTRUCTION: ReadonlySet<VerdictClass> = new Set<VerdictClass>([
  'build-failed',
  'usage-error',
  'registry-flake',
  'resources-exhausted',
  'timeout',
]);

/**
 * The report with the line of the failing instruction added to each attempt where it is certain. `read` gives a
 * Containerfile's text, or undefined when it cannot be had; each is read once, and none when nothing failed.
 */
export async function withFailingLines(
  report: RunReport,
  read: (file: string) => string | undefined,
): Promise<RunReport> {
  const known = new Map<string, Promise<Instruction[]>>();
  const instructionsOf = (file: string) => {
    const text = known.has(file) ? undefined : read(file);
    const instructions = known.get(file) ?? (text === undefined ? Promise.resolve([]) : readInstructions(text));
    known.set(file, instructions);
    return instructions;
  };
  const images = report.images.map(async (image): Promise<ImageReport> => {
    const { file } = image;
    if (file === undefined || !image.attempts.some(isOfAnInstruction)) return image;
    const instructions = await instructionsOf(file);
    return { ...image, attempts: image.attempts.map((attempt) => withLine(attempt, report, instructions)) };
  });
  return { ...report, images: await Promise.all(images) };
}

function withLine(attempt: AttemptReport, report: RunReport, instructions: readonly Instruction[]): AttemptReport {
  if (!isOfAnInstruction(attempt)) return attempt;
  const line = failingLine(report.engine.dialect, attempt, instructions);
  return line === undefined ? attempt : { ...attempt, line };
}

function isOfAnInstruction({ verdict }: AttemptReport): boolean {
  return verdict !== undefined && OF_AN_INSTRUCTION.has(verdict.class);
}
