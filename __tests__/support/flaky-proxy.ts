import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';

/** What becomes of a request: an answer of the proxy's own, or a connection that is cut in the middle of it. */
export type Fault =
  /** Without a body as a load balancer does; registries give `{"errors": [{"code": …, "message": …}]}`. */
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** After so many bytes of its bodies (request and answer) have passed; 0 cuts before anything is forwarded. */
  | { kind: 'cut'; afterBytes: number };

/** Which requests a fault is for, and for how many of them (1). */
export interface FaultRule {
  /** Of `METHOD /path`: `/^PATCH /`, say, for the bytes of a layer that is pushed. */
  match: RegExp;
  fault: Fault;
  times?: number;
}

/** A proxy before a registry that fails when it is told to. */
export interface FlakyProxy {
  /** `127.0.0.1:PORT`: images are named by it in the registry's place. */
  address: string;
  /** Makes the next requests that match fail; rules that were given before come first. */
  fail(rule: FaultRule): void;
  /** Forgets all rules. */
  heal(): void;
  /** All requests so far, as `METHOD /path`, with whether a rule made them fail. */
  requests: { line: string; failed: boolean }[];
  close(): Promise<void>;
}

/** Starts a proxy on a loopback port of its own that forwards to `target` (`host:port`). */
export async function startFlakyProxy(target: string): Promise<FlakyProxy> {
  let rules: (FaultRule & { left: number })[] = [];
  const requests: FlakyProxy['requests'] = [];
  const server = createServer((from, to) => {
    const line = `${from.method} ${from.url}`;
    const rule = rules.find(({ left, match }) => left > 0 && match.test(line));
    requests.push({ line, failed: rule !== undefined });
    if (rule !== undefined) rule.left -= 1;
    serve(target, from, to, rule?.fault);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail: (rule) => void rules.push({ ...rule, left: rule.times ?? 1 }),
    heal: () => {
      rules = [];
    },
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function serve(target: string, from: IncomingMessage, to: ServerResponse, fault: Fault | undefined): void {
  if (fault?.kind === 'status') {
    from.resume();
    to.writeHead(fault.status, fault.headers);
    to.end(fault.body);
    return;
  }
  if (fault?.afterBytes === 0) {
    from.socket.destroy();
    return;
  }
  let passed = 0;
  const counted = () =>
    new Transform({
      transform(bytes: Buffer, _encoding, done) {
        passed += bytes.length;
        if (fault === undefined || passed < fault.afterBytes) return done(null, bytes);
        from.socket.destroy();
        onward.destroy();
      },
    });
  const [host, port] = target.split(':');
  // The registry makes the addresses in its answers of `host`, which is the proxy's as it came.
  const onward = request({ host, port, method: from.method, path: from.url, headers: from.headers, agent: false });
  onward.once('response', (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('error', () => from.socket.destroy());
    answer.pipe(counted()).pipe(to);
  });
  // A registry that is gone looks so through the proxy too.
  onward.once('error', () => from.socket.destroy());
  to.once('close', () => onward.destroy());
  from.pipe(counted()).pipe(onward);
}
