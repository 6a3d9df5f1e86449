import type { Dialect } from '../journal/events.js';
import type { AttemptReport } from '../journal/run-report.js';
import type { Instruction } from './containerfile.js';
import { isCommand, isQuoted, isSame, words } from './step-text.js';

/** Docker's own count of lines: `dockerfile parse error on line 3: unknown instruction: RUNN`; 20.10 says no `on`. */
const PARSE_ERROR = /^(?:[\w .]+: )*dockerfile parse error (?:on )?line (\d{1,7}): /;
/** The excerpt that BuildKit prints last: `Containerfile:12`, a rule, then lines of which the failing ones have `>>>`. */
const EXCERPT = /^[^\n]*:\d+\n-{8,}\n(?: *\d+ \| [^\n]*\n)*? *(\d{1,7}) \| >>> *(\S*)/gm;
/** Where there is no excerpt (docker 20.10), the step whose output it shows once more. */
const SHOWN_AGAIN = /^ > \[[^\]\n]*\] ([^\n]*):$/gm;

/**
 * The line of the instruction at which an attempt failed; undefined when that is not certain, as no line is better than
 * a wrong one. Steps tell where it was, and a step of the build can print what looks like one: so a step counts only
 * if the Containerfile has that instruction in that place, and where the engine quotes what failed, if it quotes that.
 */
export function failingLine(
  dialect: Dialect,
  attempt: Pick<AttemptReport, 'steps' | 'tail' | 'verdict'>,
  instructions: readonly Instruction[],
): number | undefined {
  const error = attempt.verdict?.line ?? '';
  const parse = PARSE_ERROR.exec(error);
  if (parse !== null) return Number(parse[1]) || undefined;
  switch (dialect) {
    case 'buildkit':
      return byExcerpt(attempt.tail ?? '', instructions) ?? byStepShownAgain(attempt.tail ?? '', instructions);
    case 'docker-legacy':
    case 'podman':
    case 'podman-remote':
    case 'buildah':
      return byLastStep(dialect, attempt.steps, error, instructions);
  }
}

/** What a RUN prints has a time or a step's number in front, so that no step can print an excerpt. */
function byExcerpt(tail: string, instructions: readonly Instruction[]): number | undefined {
  const last = [...tail.matchAll(EXCERPT)].at(-1);
  if (last === undefined) return undefined;
  const at = instructions.find(({ line }) => line === Number(last[1]));
  const word = (last[2] ?? '').toUpperCase();
  return at?.text.split(' ')[0] === word ? at.line : undefined;
}

function byStepShownAgain(tail: string, instructions: readonly Instruction[]): number | undefined {
  const last = [...tail.matchAll(SHOWN_AGAIN)].at(-1);
  return last === undefined ? undefined : theOnlyOne(words(last[1] ?? ''), instructions);
}

function byLastStep(
  dialect: Dialect,
  steps: AttemptReport['steps'],
  error: string,
  instructions: readonly Instruction[],
): number | undefined {
  const quoted = quotedSteps(error);
  const [, command] = /^The command '(.*)' returned a non-zero code: /s.exec(error) ?? [];
  const last = steps.findLast(({ text }) => {
    if (command !== undefined) return isCommand(words(text), command);
    return quoted.length === 0 || quoted.some((quote) => isQuoted(words(text), quote));
  });
  if (last === undefined) return quoted.map((quote) => theOnlyOne(quote, instructions)).find((line) => line);
  const at = inPlace(dialect, last.step, instructions);
  const said = words(last.text);
  return at !== undefined && isSame(said, at) ? at.line : theOnlyOne(said, instructions);
}

/** Each is compared with every step. */
const MOST_ENDS = 20;

/** What podman and buildah quote in `building at STEP "COPY a b": …`; it may hold quotes itself, so each end is tried. */
function quotedSteps(error: string): string[] {
  const [, rest] = /\bbuilding at STEP "(.*)/s.exec(error) ?? [];
  if (rest === undefined) return [];
  const ends = [...rest.matchAll(/": /g)].slice(0, MOST_ENDS);
  return ends.map(({ index }) => words(rest.slice(0, index)));
}

/**
 * `[2/3] STEP 4/7` is the fourth of the second stage, and without stages of the first; stages that are left out keep
 * their number (podman 4.3 and 5.8). `Step 4/7` of docker's legacy builder counts the whole file.
 */
function inPlace(dialect: Dialect, label: string, instructions: readonly Instruction[]): Instruction | undefined {
  const [, stage = '1', place] = /^(?:\[(\d+)\/\d+\] )?(\d+)\/\d+$/.exec(label) ?? [];
  if (dialect === 'docker-legacy') return instructions[Number(place) - 1];
  return instructions.find((one) => one.stage === Number(stage) && one.place === Number(place));
}

/** The line of the one instruction that says this; undefined when there are several. */
function theOnlyOne(step: string, instructions: readonly Instruction[]): number | undefined {
  const same = instructions.filter((instruction) => isSame(step, instruction));
  return same.length === 1 ? same[0]?.line : undefined;
}
