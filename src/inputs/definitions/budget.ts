import { countValues, MAX_LENGTH, MAX_SIZE, MAX_VALUES, type ReadDocument, sizeOfText } from '../document.js';
import { MAX_IMAGES } from '../images.js';
import type { Problem } from '../inputs.js';

/**
 * What all definition files of a run may hold together: as much as one document, as it is the run that has so much time and
 * memory. Each function takes its part of what is left, or says of a file that it is too much.
 */
export interface Budget {
  /** Of a file's text, before any of it is parsed; `isYaml`: or JSON, whose words can be counted. */
  takeText(path: string, text: string, isYaml: boolean): Problem | undefined;
  /** Of so many values that the file's images have beside what is written in it. */
  takeValues(path: string, count: number): Problem | undefined;
  /** Of the images that a file, or the project that it is the first of, defines. */
  takeImages(path: string, count: number): Problem | undefined;
  /** Of what was read from a file. It has no value where that is too much. */
  takeDocument(path: string, document: ReadDocument): ReadDocument;
}

/** A budget of which nothing is spent. */
export function createBudget(): Budget {
  const spent = { characters: 0, words: 0, values: 0, images: 0 };
  const files = new Set<string>();

  return {
    takeText(path, text, isYaml) {
      files.add(path);
      spent.characters += text.length;
      if (spent.characters > MAX_LENGTH) return excess(path, `${spent.characters} characters`, `${MAX_LENGTH}`);
      const size = isYaml ? sizeOfText(text, MAX_SIZE - spent.words) : 0;
      if (size === undefined) return excess(path, `more than ${MAX_SIZE} words and lists`, `${MAX_SIZE}`);
      spent.words += size;
      return undefined;
    },
    takeValues,
    takeImages(path, count) {
      spent.images += count;
      return spent.images > MAX_IMAGES ? excess(path, `more than ${MAX_IMAGES} images`, `${MAX_IMAGES}`) : undefined;
    },
    takeDocument(path, { value, problems }) {
      const count = countValues(value, MAX_VALUES);
      const problem = takeValues(path, count ?? MAX_VALUES + 1);
      return problem === undefined ? { value, problems } : { value: undefined, problems: [...problems, problem] };
    },
  };

  function takeValues(path: string, count: number): Problem | undefined {
    spent.values += count;
    return spent.values > MAX_VALUES ? excess(path, `more than ${MAX_VALUES} values`, `${MAX_VALUES}`) : undefined;
  }

  function excess(path: string, what: string, most: string): Problem {
    const before = [...files].indexOf(path);
    const others = before > 0 ? ` with the ${before === 1 ? 'file' : `${before} files`} before it` : '';
    return {
      where: `files: ${path}`,
      seen: `${what}${others}`,
      expected: `at most ${most} in all definition files of a run`,
      hint: 'split the images over several runs, such as the jobs of a matrix',
    };
  }
}
