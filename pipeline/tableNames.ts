/** Tables that `table` prints. */
export const TABLE_NAMES = ['modules', 'subcomponents', 'tokens'] as const
export const TABLE_FORMATS = ['csv', 'jsonl'] as const

export type TableName = (typeof TABLE_NAMES)[number]
export type TableFormat = (typeof TABLE_FORMATS)[number]
