/**
 * The folder where an engine on this machine keeps its images, of an answer `HOSTNAME<tab>FOLDER`; undefined when the
 * engine names another machine. An address does not tell: a unix socket may be forwarded, and ssh may lead back here.
 */
export function readStorage(stdout: string, hostname: string): string | undefined {
  const [host, folder] = stdout.trim().split('\t');
  return host === hostname && folder ? folder : undefined;
}
