import { oneLine, plainLines } from './plain-text.js';

/** The only place that makes XML of untrusted text. */

/**
 * What plain text may hold and XML 1.0 may not (https://www.w3.org/TR/xml/#charsets) is gone with the invisible
 * characters already; these five are its markup.
 */
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text of many lines, as the content of an element. */
export function xmlText(untrusted: string): string {
  return escapeXml(plainLines(untrusted));
}

/** An element; an attribute's value is cut to one line, undefined ones are left out, and the content is XML already. */
export function element(
  name: string,
  attributes: Record<string, string | number | undefined>,
  content = '',
  mostCharacters = 500,
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(oneLine(String(value), mostCharacters))}"`)
    .join('');
  return content === '' ? `<${name}${written}/>\n` : `<${name}${written}>${content}</${name}>\n`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
