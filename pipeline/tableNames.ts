/** Tables that `table` prints. */
export const TABLE_NAMES = [
  'modules',
  'subcomponents',
  'tokens',
  'categories',
  'l0-by-position',
  'co-firing',
  'output-tokens',
  'token-counts',
  'token-modules',
  'examples',
] as const
/** Those that other thresholds than the run's have too. */
export const LEVEL_TABLES = ['modules', 'subcomponents', 'l0-by-position', 'token-modules'] as const
export const TABLE_FORMATS = ['csv', 'jsonl'] as const

export type TableName = (typeof TABLE_NAMES)[number]
export type TableFormat = (typeof TABLE_FORMATS)[number]
