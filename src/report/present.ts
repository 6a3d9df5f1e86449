/** An object with this figure, and an empty one when there is none: to spread where absent means absent. */
export function present<K extends string, V>(key: K, value: V | undefined): { [name in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [name in K]?: V };
}
