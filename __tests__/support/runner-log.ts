/** A workflow command as it took effect. */
export interface EffectiveCommand {
  name: string;
  properties: string;
  data: string;
}

/** White space that .NET's `TrimStart` takes away, before which a command may stand. */
const LEADING_SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * Reads a step's output as the runner does: lines end at CR, LF or both, `::name props::data` at the start of a line and
 * `##[name props]data` anywhere in it are commands, unless `::stop-commands::TOKEN` came before and `::TOKEN::` has not.
 * https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs
 */
export function readAsRunner(log: Buffer | string): { commands: EffectiveCommand[]; lines: string[] } {
  const commands: EffectiveCommand[] = [];
  const lines: string[] = [];
  let token: string | undefined;
  for (const line of log.toString('utf8').split(/\r\n|\r|\n/)) {
    const command = parseCommand(line);
    if (command === undefined) lines.push(line);
    else if (token !== undefined) {
      if (command.name === token) token = undefined;
      else lines.push(line);
    } else {
      if (command.name === 'stop-commands') token = command.data;
      commands.push(command);
    }
  }
  return { commands, lines };
}

function parseCommand(line: string): EffectiveCommand | undefined {
  const second = /^::([^\s:]+)(?: (.*?))?::(.*)$/s.exec(line.replace(LEADING_SPACE, ''));
  const found = second ?? /##\[([^\s\]]+)(?: ([^\]]*))?\](.*)$/s.exec(line);
  return found === null ? undefined : { name: found[1] ?? '', properties: found[2] ?? '', data: found[3] ?? '' };
}
