const UNITS = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const MS_PER_UNIT = [3_600_000, 60_000, 1_000, 1];

/** The longest delay a timer takes, about 24 days; a longer one would fire at once (https://nodejs.org/api/timers.html). */
export const MAX_DURATION_MS = 2_147_483_647;

/** What `parseDuration` takes, for messages. */
export const DURATION_EXPECTED = 'a duration above zero such as 30s, 5m, 1h30m or 90 (seconds)';

/** Milliseconds of `30s`, `5m`, `1h`, `1h30m`, `500ms` or plain seconds; `undefined` unless above 0 and within `MAX_DURATION_MS`. */
export function parseDuration(text: string): number | undefined {
  const ms = toMs(text);
  return ms === undefined || ms === 0 ? undefined : ms;
}

/** As `parseDuration`, but a delay may also be zero (`0`, `0s`). */
export function parseDelay(text: string): number | undefined {
  return toMs(text);
}

function toMs(text: string): number | undefined {
  // Plain digits are seconds; `''` would match UNITS, as all of its parts are optional.
  const amounts = UNITS.exec(/^\d+$/.test(text) ? `${text}s` : text);
  if (amounts === null || text === '') return undefined;
  const ms = MS_PER_UNIT.reduce((sum, unit, at) => sum + unit * Number(amounts[at + 1] ?? 0), 0);
  return ms <= MAX_DURATION_MS ? ms : undefined;
}
