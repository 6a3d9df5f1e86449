/** As people name what nobody else may read; an `AUTHOR` is none. */
const SECRET_NAME = /(secret|token|passw|credential|private|api_?key|auth(?!or))/i;

/** Whether a variable with this name is likely to hold a secret. */
export function looksSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}
