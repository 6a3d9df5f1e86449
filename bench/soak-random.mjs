/**
 * Numbers that can be had again from their seed (https://en.wikipedia.org/wiki/Xorshift).
 * @param {number} seed
 */
export function randomFrom(seed) {
  let state = seed | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return {
    /** From 0 to below 1. */
    next,
    between: (/** @type {number} */ least, /** @type {number} */ most) => least + next() * (most - least),
    /** @template T @param {readonly T[]} choices @returns {T} */
    pick: (choices) => /** @type {T} */ (choices[Math.floor(next() * choices.length)]),
  };
}
