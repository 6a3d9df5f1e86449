import type { Instruction } from './containerfile.js';

/**
 * The words of an instruction with one space between them, so that what is written and what engines print of it can be
 * compared: the keyword in capitals, and arguments in JSON form as if they were not.
 */
export function words(instruction: string): string {
  const [, keyword = '', rest = ''] = /^(\S*) ?(.*)$/.exec(squeeze(instruction)) ?? [];
  return `${keyword.toUpperCase()} ${fromJson(rest)}`.trim();
}

/** Whether an engine that prints a step as this means that instruction. */
export function isSame(step: string, { text, heading }: Instruction): boolean {
  // Of all instructions only a FROM is printed with its variables replaced (podman 4.3 and 5.8).
  if (step.startsWith('FROM ') && text.startsWith('FROM ')) return true;
  if (agree(step, text)) return true;
  if (heading === undefined) return false;
  // `RUN <<EOF (make...)`: newer engines add how the heredoc begins.
  return agree(step, heading) || step.startsWith(`${heading} (`);
}

/** Whether podman quotes this step: in full, and only its beginning if that holds a heredoc or cannot be read. */
export function isQuoted(step: string, quote: string): boolean {
  const isBeginning = !quote.includes(' ') || quote.includes('<<');
  return agree(step, quote) || (isBeginning && step.startsWith(`${quote} `));
}

/** Whether docker's legacy builder runs this command for the step: its shell, such as `/bin/sh -c`, stands before it. */
export function isCommand(step: string, command: string): boolean {
  const [, run = '', cut] = /^RUN ([^…]*)(…)?/.exec(step) ?? [];
  const squeezed = squeeze(command);
  if (run === '') return false;
  return cut === undefined ? squeezed === run || squeezed.endsWith(` ${run}`) : squeezed.includes(run);
}

/** Both the same, as far as neither is cut: an ellipsis stands for what was too long, or for a URL's query. */
function agree(one: string, other: string): boolean {
  const cuts = [one.indexOf('…'), other.indexOf('…')].filter((at) => at !== -1);
  if (cuts.length === 0) return one === other;
  const length = Math.min(...cuts);
  return one.slice(0, length).trimEnd() === other.slice(0, length).trimEnd();
}

function fromJson(text: string): string {
  if (!text.startsWith('[')) return text;
  try {
    return squeeze((JSON.parse(text) as unknown[]).join(' '));
  } catch {
    return text;
  }
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
