// The action's step log, as the runner's page would show it: groups folded, workflow commands as plain lines.

/**
 * Turns lines of a step log into what a person should see of them. The function it returns takes a line and gives the
 * text to show, or undefined for what is folded away.
 * @returns {(line: string) => string | undefined}
 */
export function createLogView() {
  let folded = false;
  return (line) => {
    if (line.startsWith('::endgroup::')) {
      folded = false;
      return undefined;
    }
    if (folded) return undefined;
    const [, command, message] = /^::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line) ?? [];
    if (command === undefined) return line;
    folded = command === 'group';
    return ['warning', 'error', 'notice'].includes(command) ? unescapeMessage(message ?? '') : undefined;
  };
}

/** @param {string} message */
function unescapeMessage(message) {
  return message.replaceAll('%0A', '\n').replaceAll('%0D', '').replaceAll('%25', '%');
}
