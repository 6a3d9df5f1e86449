const VARIABLE = /\$(?:\{(\w+)(?:(:?[-+])([^${}]*))?\}|(\w+))/g;
/** A default may hold another variable, and that another; nobody goes deeper. */
const MOST_DEPTH = 5;

/**
 * Fills in variables as engines do in a Containerfile: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+instead}`, from the
 * innermost outwards; one that is not set is empty. https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
export function expandVariables(text: string, values: ReadonlyMap<string, string>): string {
  let expanded = text;
  for (let depth = 0; depth < MOST_DEPTH && expanded.includes('$'); depth += 1) {
    expanded = expanded.replace(VARIABLE, (_, braced?: string, modifier?: string, word = '', bare?: string) => {
      const value = values.get(braced ?? bare ?? '');
      const isSet = modifier?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
      if (modifier?.endsWith('-')) return isSet ? (value ?? '') : word;
      if (modifier?.endsWith('+')) return isSet ? word : '';
      return value ?? '';
    });
  }
  return expanded;
}
