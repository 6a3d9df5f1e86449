/** Writes texts on a canvas that have to fit; their widths are measured once. */
export interface TextDrawer {
  /** Writes at most so many pixels of the text, with an ellipsis where it is cut; nothing when there is no room. */
  write(text: string, x: number, y: number, pixels: number): void;
}

const ELLIPSIS = '…';
const LEAST_PIXELS = 14;
/** Widths that are kept; beyond that they are measured anew. */
const MOST_KEPT = 20_000;

/** Creates a drawer whose memory outlives a single drawing. */
export function createTextDrawer(): (context: CanvasRenderingContext2D) => TextDrawer {
  const widths = new Map<string, number>();
  return (context) => {
    const widthOf = (text: string): number => {
      const key = `${context.font}|${text}`;
      const known = widths.get(key);
      if (known !== undefined) return known;
      if (widths.size > MOST_KEPT) widths.clear();
      const { width } = context.measureText(text);
      widths.set(key, width);
      return width;
    };
    return {
      write(text, x, y, pixels) {
        if (pixels < LEAST_PIXELS) return;
        const whole = widthOf(text);
        if (whole <= pixels) return context.fillText(text, x, y);
        const room = pixels - widthOf(ELLIPSIS);
        // Letters differ in width: the guess is made shorter until it fits.
        let length = Math.floor((text.length * room) / whole);
        while (length > 0 && context.measureText(text.slice(0, length)).width > room) length -= 1;
        const cut = text.slice(0, length).replace(/\p{Cs}$/u, '');
        if (cut !== '') context.fillText(cut.trimEnd() + ELLIPSIS, x, y);
      },
    };
  };
}
