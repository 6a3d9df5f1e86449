import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Command } from '../engine/engine.js';
import type { KernelUsage } from '../journal/events.js';
import { notStarted, type ProcessEnd, TIME_COMMANDS, type TimeCommand, TRIAL } from '../resources/time-command.js';
import { endOf, spawnGroup } from './process-group.js';

/** A command that runs under `time(1)`. */
export interface TimedCommand {
  command: Command;
  /** How the command itself ended, and what it used; removes the file. */
  read(end: ProcessEnd, stderr: string): { end: ProcessEnd; kernel?: KernelUsage };
}

/**
 * Begins to try this machine's `time(1)`, which takes milliseconds: it is taken only when it tells figures, and the signal
 * of a command that kills itself. `figures` is a path that it may write to. The function that it returns says what came of it: undefined until the trial is over,
 * and where there is none that passes it.
 */
export function tryTime(figures: string): () => TimeCommand | undefined {
  let passed: TimeCommand | undefined;
  void tryIt(figures)
    .then((time) => {
      passed = time;
    })
    // Whatever goes wrong is no reason to fail: builds then go without.
    .catch(() => {});
  return () => passed;
}

async function tryIt(figures: string): Promise<TimeCommand | undefined> {
  const time = TIME_COMMANDS[process.platform];
  return time === undefined || !existsSync(time.file) ? undefined : passesTrial(time, figures);
}

/** The same `time`, when it passes. */
async function passesTrial(time: TimeCommand, file: string): Promise<TimeCommand | undefined> {
  const [first = '', ...rest] = TRIAL.command;
  const trial = putTimeBefore(time, { file: first, args: rest, env: {} }, file);
  if (trial === undefined) return undefined;
  const { end, kernel } = trial.read(await endOf(spawnGroup(trial.command)), '');
  return kernel?.peakRssBytes !== undefined && end.signal === TRIAL.signal ? time : undefined;
}

/**
 * Puts `time` before the command. Undefined, so that the command goes without, when it would not be found (only then is it
 * ours to say so) or when the file cannot be made. The file gets its first byte now: on a disk that fills up meanwhile,
 * what `time` appends has room in the block that this byte took.
 */
export function putTimeBefore(time: TimeCommand, command: Command, file: string): TimedCommand | undefined {
  if (!isExecutable(command)) return undefined;
  try {
    writeFileSync(file, '\n');
  } catch {
    return undefined;
  }
  return {
    command: { ...command, file: time.file, args: [...time.args(file), command.file, ...command.args] },
    read(end, stderr) {
      const wrote = takeFile(file);
      const failed = notStarted(time.file, command.file, end, stderr);
      return failed === undefined ? time.read(wrote, end, signalName) : { end: failed };
    },
  };
}

function takeFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  } finally {
    rmSync(file, { force: true });
  }
}

function isExecutable({ file, env }: Command): boolean {
  const path = env['PATH'] ?? process.env['PATH'] ?? '';
  const places = file.includes('/') ? [file] : path.split(delimiter).map((folder) => join(folder || '.', file));
  return places.some((place) => {
    // Asked first, as an error for each folder of PATH would cost more than the rest.
    if (!existsSync(place)) return false;
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function signalName(number: number): string {
  const names = Object.entries(osConstants.signals);
  return names.find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
