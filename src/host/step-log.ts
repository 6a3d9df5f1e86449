import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import * as core from '@actions/core';
import { colouredLines, oneLine, plainLines } from '../report/plain-text.js';

/** Of a longer log the step log shows the beginning and the end; the whole is in the report folder. */
const SHOWN_HEAD_BYTES = 256 * 1024;
const SHOWN_TAIL_BYTES = 768 * 1024;

/** More of a line is not shown; the report has it. */
const LONGEST_LINE = 4_000;

/** One line in the step log. Names of images may stand in it, so that it must not become a workflow command. */
export function showLine(text: string): void {
  core.info(harmless(text));
}

/** A line that is also an annotation. */
export function showWarning(text: string): void {
  core.warning(harmless(text));
}

/** An error annotation, at a place in a file where it has one. */
export function showError(title: string, text: string, { file, line }: { file?: string; line?: number } = {}): void {
  core.error(plainLines(text), {
    title: harmless(title),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { startLine: line }),
  });
}

/**
 * Shows a log file as one folded group. Whatever the build printed is shown with workflow commands switched off, by a
 * token that it cannot know (https://docs.github.com/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands).
 */
export function showLog(title: string, path: string): void {
  core.startGroup(harmless(title));
  const token = randomUUID();
  process.stdout.write(`::stop-commands::${token}\n`);
  process.stdout.write(colouredLines(shownPart(path).toString('utf8')));
  process.stdout.write(`\n::${token}::\n`);
  core.endGroup();
}

/** The runner reads `::command::` at the start of a line, white space aside, and `##[command]` anywhere in it. */
function harmless(text: string): string {
  return oneLine(text, LONGEST_LINE).replace(/^::/, ': :').replaceAll('##[', '## [');
}

function shownPart(path: string): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const size = fstatSync(file).size;
    if (size <= SHOWN_HEAD_BYTES + SHOWN_TAIL_BYTES) return readPart(file, 0, size);
    const left = size - SHOWN_HEAD_BYTES - SHOWN_TAIL_BYTES;
    return Buffer.concat([
      readPart(file, 0, SHOWN_HEAD_BYTES),
      Buffer.from(`\n… ${left} bytes are left out here; the whole log is ${path}\n`),
      readPart(file, size - SHOWN_TAIL_BYTES, SHOWN_TAIL_BYTES),
    ]);
  } catch (error) {
    return Buffer.from(`the log cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readPart(file: number, from: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(file, buffer, 0, length, from));
}
