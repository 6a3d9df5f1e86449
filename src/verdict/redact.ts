/**
 * Hides the query strings of URLs. An engine's own errors hold the URL of its build request, whose query holds every
 * build argument: https://docs.podman.io/en/latest/_static/api.html#tag/images/operation/ImageBuildLibpod
 */
export function redactLine(text: string): string {
  // Token by token, because one pattern for a whole URL would take quadratic time on a hostile line.
  return text.replace(/[^\s"']+/g, (token) => {
    const query = token.indexOf('?');
    if (query === -1 || !isUrl(token.slice(0, query))) return token;
    return `${token.slice(0, query)}?…`;
  });
}

/** `http://d/v4.3.1/libpod/build`, or only its path, as podman's server quotes it. */
function isUrl(text: string): boolean {
  return text.includes('://') || /\/build$/.test(text);
}
