import type { Table } from '../../../core/tables/formatTable.ts'
import type { AblationEffect, ObservedStory } from '../../../workers/contracts/ModelApi.ts'

/** A row a token: its position, the active subcomponents of each module, and KL where something is ablated. */
export function activityTable(
  modules: readonly { readonly path: string }[],
  { tokens, activeCounts }: Pick<ObservedStory, 'tokens' | 'activeCounts'>,
  effect: Pick<AblationEffect, 'kl'> | null,
): Table {
  const T = tokens.length
  const columns = ['position', 'token', ...modules.map(({ path }) => path)]
  const rows = tokens.map((token, position) => [
    position,
    token,
    ...modules.map((_, m) => activeCounts[m * T + position] ?? 0),
  ])
  if (effect === null) return { columns, rows }
  return {
    columns: [...columns, 'kl_nats'],
    rows: rows.map((row, position) => [...row, effect.kl[position] ?? null]),
  }
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below the largest of `values`; 0.001 for none. */
export function effectCeiling(values: Float32Array): number {
  const largest = Math.max(1e-3, ...values)
  const decade = 10 ** Math.floor(Math.log10(largest))
  const step = [1, 2, 5, 10].find((factor) => factor * decade >= largest * (1 - 1e-6)) ?? 10
  // Decimal rounding: 3 × 10⁻¹ is not 0.3 in binary.
  return Number((step * decade).toPrecision(1))
}
