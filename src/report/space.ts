/** Items that fit into so many bytes, from the first on. */
export interface Fitting {
  text: string;
  /** Items that did not fit. */
  left: number;
}

/** Writes items one by one until the next would be too much; the rest is not even rendered. */
export function fitting<T>(items: readonly T[], mostBytes: number, render: (item: T) => string): Fitting {
  const written: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const piece = render(item);
    bytes += byteLength(piece);
    if (bytes > mostBytes) break;
    written.push(piece);
  }
  return { text: written.join(''), left: items.length - written.length };
}

/** Bytes of the text in UTF-8. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
