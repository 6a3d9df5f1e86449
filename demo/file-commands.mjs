// The files by which a step hands outputs and state to the runner.

/**
 * Reads what an action wrote into a file such as GITHUB_OUTPUT: lines `name=value`, and blocks `name<<END … END`
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions#multiline-strings).
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parseFileCommands(text) {
  /** @type {Record<string, string>} */
  const values = {};
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, operator, rest] = /^(.+?)(<<|=)(.*)$/.exec(lines[at] ?? '') ?? [];
    if (name === undefined || rest === undefined) continue;
    if (operator === '=') {
      values[name] = rest;
      continue;
    }
    const found = lines.indexOf(rest, at + 1);
    const end = found === -1 ? lines.length : found;
    values[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return values;
}
