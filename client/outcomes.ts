/** A sign for an outcome, so that colour is never all that tells it. */
export function outcomeMark(outcome: string): string {
  switch (outcome) {
    case 'success':
      return '✓';
    case 'engine-crash':
      return '↯';
    case 'cancelled':
      return '⊘';
    case 'skipped':
      return '↷';
    case 'unfinished':
      return '…';
    default:
      return '✗';
  }
}
