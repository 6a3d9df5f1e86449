/**
 * Whether a step's process was told to run what this RUN instruction says, as the engine prints that. Shell form runs as the
 * last argument of a shell, exec form as it is; a here-document is not told apart.
 */
export function runsInstruction(args: readonly string[], instruction: string): boolean {
  const command = commandOf(instruction);
  if (command === undefined) return false;
  return squeeze(args.at(-1) ?? '') === command || JSON.stringify(args) === command.replaceAll('", "', '","');
}

/** A shorter beginning says too little of what a step runs. */
const LEAST_BEGINNING = 20;

/** As `runsInstruction`, for one that may have been cut for display: then it ends in `…`, and its beginning decides. */
export function mayRunInstruction(args: readonly string[], instruction: string): boolean {
  const command = commandOf(instruction);
  if (!command?.endsWith('…')) return runsInstruction(args, instruction);
  const beginning = command.slice(0, -1).trim();
  return beginning.length >= LEAST_BEGINNING && squeeze(args.at(-1) ?? '').startsWith(beginning);
}

/** What a RUN instruction runs; undefined for another one. */
export function commandOf(instruction: string): string | undefined {
  const command = /^RUN\s+(?:--\S+\s+)*(.*)$/is.exec(instruction)?.[1];
  return command === undefined ? undefined : squeeze(command);
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
