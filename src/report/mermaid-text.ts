import { clip, oneLine } from './plain-text.js';

/**
 * All that has no meaning to mermaid's gantt grammar stays: letters and numbers of every script, pictures, and these few
 * marks. `:`, `;`, `#`, `%`, quotes and brackets end a name, begin a comment, or are entities or HTML to it.
 * https://github.com/mermaid-js/mermaid/blob/develop/packages/mermaid/src/diagrams/gantt/parser/gantt.jison
 */
const NOT_PLAIN = /[^\p{L}\p{M}\p{N}\p{Extended_Pictographic} ._/@+=()-]+/gu;

/** A name for a diagram, at most so many characters; what mermaid could misread is a space. Never empty. */
export function mermaidName(untrusted: string, most: number): string {
  const name = oneLine(untrusted, most * 4)
    .replace(NOT_PLAIN, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return name === '' ? 'unnamed' : clip(name, most);
}

/** Makes each name that it is given unlike all before, as mermaid takes sections of one name for one section. */
export function createUniqueNames(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    for (;;) {
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      if (count === 1) return name;
      const numbered = `${name} (${count})`;
      if (!seen.has(numbered)) {
        seen.set(numbered, 1);
        return numbered;
      }
    }
  };
}
