/** A state of the matcher: how much of some pattern has been read. */
export type State = number;

/** Finds many byte patterns at once, in time linear to what is read. */
export interface Matcher {
  start: State;
  /** For each byte, whether some pattern begins with it: 0 if none does. */
  begins: Readonly<Int32Array>;
  next(state: State, byte: number): State;
  /** How many bytes of a pattern the state stands for: so many may be the beginning of a match. */
  depth(state: State): number;
  /** Length of the longest pattern that ends here, 0 when none does. */
  matched(state: State): number;
}

const NONE = -1;

/**
 * The automaton of Aho and Corasick (https://doi.org/10.1145/360825.360855). Children are kept as linked lists, as a table
 * of 256 for each byte of a long secret would cost too much; most bytes of an output are only looked up at the root.
 */
export function createMatcher(patterns: readonly Uint8Array[]): Matcher {
  const size = 1 + patterns.reduce((sum, pattern) => sum + pattern.length, 0);
  const byteOf = new Uint8Array(size);
  const child = new Int32Array(size).fill(NONE);
  const sibling = new Int32Array(size).fill(NONE);
  const depth = new Int32Array(size);
  const matched = new Int32Array(size);
  const fail = new Int32Array(size);
  const root = new Int32Array(256);
  let nodes = 1;

  for (const pattern of patterns) {
    let node = 0;
    for (const byte of pattern) {
      let next = childOf(node, byte);
      if (next === NONE) {
        next = nodes;
        nodes += 1;
        byteOf[next] = byte;
        depth[next] = at(depth, node) + 1;
        sibling[next] = at(child, node);
        child[node] = next;
        if (node === 0) root[byte] = next;
      }
      node = next;
    }
    matched[node] = pattern.length;
  }
  linkFailures();
  return {
    start: 0,
    begins: root,
    next,
    depth: (state) => at(depth, state),
    matched: (state) => at(matched, state),
  };

  /** Breadth first, so that a node's failure link leads to one that has its own already. */
  function linkFailures(): void {
    const queue = new Int32Array(nodes);
    let end = 1;
    for (let start = 0; start < end; start += 1) {
      const node = at(queue, start);
      for (let kid = at(child, node); kid !== NONE; kid = at(sibling, kid)) {
        const link = node === 0 ? 0 : next(at(fail, node), at(byteOf, kid));
        fail[kid] = link;
        matched[kid] = Math.max(at(matched, kid), at(matched, link));
        queue[end] = kid;
        end += 1;
      }
    }
  }

  function next(state: State, byte: number): State {
    for (let node = state; node !== 0; node = at(fail, node)) {
      const found = childOf(node, byte);
      if (found !== NONE) return found;
    }
    return at(root, byte);
  }

  function childOf(node: number, byte: number): number {
    let kid = at(child, node);
    while (kid !== NONE && at(byteOf, kid) !== byte) kid = at(sibling, kid);
    return kid;
  }
}

function at(numbers: Int32Array | Uint8Array, index: number): number {
  return numbers[index] as number;
}
