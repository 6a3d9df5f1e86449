/** The last bytes of a stream. */
export interface Tail {
  push(chunk: Buffer): void;
  text(): string;
}

/** Keeps the last bytes of a stream in bounded memory: whole chunks are kept, and cut only when they are read. */
export function createTail(limit: number): Tail {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      for (let first = chunks[0]; first !== undefined && size - first.length >= limit; first = chunks[0]) {
        size -= first.length;
        chunks.shift();
      }
    },
    text: () => Buffer.concat(chunks, size).subarray(-limit).toString('utf8'),
  };
}
