/**
 * Every input that action.yml declares, with its default as text; the reader parses these as it parses what users
 * write. A test holds action.yml to this table.
 */
export const INPUT_DEFAULTS = {
  images: '',
  targets: '',
  engine: 'auto',
  'engine-url': '',
  builder: '',
  'max-parallel': '2',
  retries: '3',
  'retry-min-timeout': '5s',
  'retry-max-timeout': '60s',
  'retry-factor': '2',
  'serial-after': '2',
  'retry-on': 'engine-crash',
  recovery: 'wait',
  'recovery-command': '',
  'recovery-timeout': '2m',
  'stall-timeout': '2m',
  deadline: '',
  timeout: '15m',
  'fail-fast': 'false',
  cleanup: 'true',
  cache: 'history',
  learn: 'true',
  'build-args': '',
  labels: '',
  secrets: '',
  'secret-envs': '',
  'secret-files': '',
  platforms: '',
  pull: 'false',
  'no-cache': 'false',
  'extra-args': '',
  summary: 'true',
  annotations: 'true',
  report: '',
} as const;

export type InputName = keyof typeof INPUT_DEFAULTS;
