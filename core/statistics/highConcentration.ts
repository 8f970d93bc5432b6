/** How many of a subcomponent's most frequent tokens its concentration looks at. */
export const CONCENTRATION_TOKENS = 10

/** Whether the ten most frequent tokens make up more than 90 % of the firings; false for a dead subcomponent. */
export function isHighConcentration(top10Count: number, activationCount: number): boolean {
  // In whole numbers, so that exactly 90 % is never more than 90 %.
  return 10 * top10Count > 9 * activationCount
}
