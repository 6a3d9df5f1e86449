/**
 * The address of a log beside the report, relative to it; undefined when its name is no path within the report's folder.
 * Each part is encoded, so that no name can become another scheme, host or folder.
 */
export function logLink(log: string): string | undefined {
  const parts = log.replace(/\p{Cs}/gu, '\ufffd').split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined;
  return `./${parts.map(encodeURIComponent).join('/')}`;
}
