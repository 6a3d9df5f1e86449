/** How reports write numbers. */

/** What reports say of a figure that could not be had. */
export const NOT_AVAILABLE = 'not available';

/** Milliseconds as `4.2s`, `1m 23s` or `1h 02m 03s`. */
export function formatDuration(ms: number): string {
  const tenths = Math.max(0, Math.round(ms / 100));
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(tenths / 10);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours === 0) return `${minutes}m ${pad(seconds % 60)}s`;
  return `${hours}h ${pad(minutes)}m ${pad(seconds % 60)}s`;
}

/** Bytes as `512 B` or `1.2 GiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  let value = bytes / 1024;
  for (const unit of ['KiB', 'MiB', 'GiB']) {
    // 1023.96 would be written 1024.0 of this unit.
    if (value < 1023.95) return `${value.toFixed(1)} ${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)} TiB`;
}

/** 0 to 100 as `37%`. */
export function formatPercent(percent: number): string {
  return `${Math.round(percent)}%`;
}

/** A whole number with its thousands apart: `97,154`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A number and its noun: `1 retry`, `2 retries`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** The figure as `format` writes it, or the words for one that could not be had. */
export function orNotAvailable(figure: number | undefined, format: (figure: number) => string): string {
  return figure === undefined ? NOT_AVAILABLE : format(figure);
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
