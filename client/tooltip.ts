import { byId, make } from './elements.js';

/** Lines beside the pointer; the first is the title. */
export interface Tooltip {
  show(lines: readonly string[], x: number, y: number): void;
  hide(): void;
}

const AWAY = 14;

/** The page's tooltip. What it says is in the tables too: it is for those who point. */
export function createTooltip(): Tooltip {
  const box = byId('tooltip');
  return {
    show(lines, x, y) {
      box.replaceChildren(...lines.map((line, index) => make(index === 0 ? 'strong' : 'span', {}, line)));
      box.hidden = false;
      const { width, height } = box.getBoundingClientRect();
      const left = x + AWAY + width > window.innerWidth ? x - AWAY - width : x + AWAY;
      const top = y + AWAY + height > window.innerHeight ? y - AWAY - height : y + AWAY;
      box.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
    },
    hide() {
      box.hidden = true;
    },
  };
}
