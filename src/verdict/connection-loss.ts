/**
 * How Go's net package words a server that is gone, as fragments for the patterns of all engines. Refusals for another
 * reason (permission denied, unknown host, bad certificate) are not among them.
 * https://github.com/golang/go/blob/go1.25.0/src/net/net.go (OpError)
 */

/** Nobody listens: the process is gone, and its socket file with it or not. Windows words it its own way. */
export const REFUSED =
  '(?:connect: (?:connection refused|no such file or directory)|connectex: No connection could be made because the target machine actively refused it\\.)';

/** The address could not be dialled because nobody listens there. */
export const UNREACHABLE = `dial (?:unix|tcp) [^"]+: ${REFUSED}`;

/** An open connection ended under a request. */
export const CUT =
  '(?:EOF|unexpected EOF|(?:read|write) (?:unix|tcp) [^"]+: (?:read: connection reset by peer|write: broken pipe))';
