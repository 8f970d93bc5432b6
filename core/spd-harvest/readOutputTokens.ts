import { AtlasError } from '../errors/AtlasError.ts'
import { productSlack } from '../statistics/countSlack.ts'
import type { TokenMass } from '../statistics/TokenMass.ts'
import { TopScores } from '../statistics/TopScores.ts'
import { forEachRow } from './forEachRow.ts'
import { assertMasses } from './harvestCounts.ts'
import type { ModuleRows } from './locateModules.ts'
import type { TokenStats } from './readTokenStats.ts'

/** Tokens kept of a subcomponent by each order. */
export const OUTPUT_TOKENS = 50

/** Least probability over all positions, in positions, for a token to be ranked by its share: below, it is chance. */
const MIN_TOTAL = 5

/**
 * The tokens the target model expects where each subcomponent of a module is active: the OUTPUT_TOKENS of the greatest
 * mass and those of the greatest mass as a share of the token's own total (the order of their PMI), together, most mass
 * first. Tokens that `hasText` denies, rows that only pad the embedding, are left out, as are dead subcomponents.
 */
export async function readOutputTokens(
  { outputMasses, outputTotals, firingCounts }: TokenStats,
  { path, start, end }: ModuleRows,
  hasText: (tokenId: number) => boolean,
): Promise<TokenMass[][]> {
  const all: TokenMass[][] = Array.from({ length: end - start }, () => [])
  const isActive = (row: number): boolean => (firingCounts[row] ?? 0) > 0
  await forEachRow(outputMasses, start, end, isActive, (row, masses) => {
    assertMasses(masses, `${outputMasses.place} of ${path}:${row - start}`)
    const byMass = new TopScores(OUTPUT_TOKENS)
    const byShare = new TopScores(OUTPUT_TOKENS)
    for (let id = 0; id < masses.length; id++) {
      const total = outputTotals[id] ?? 0
      const mass = boundMass(masses[id] ?? 0, total, `${outputMasses.place} of ${path}:${row - start}, token ${id}`)
      masses[id] = mass
      if (mass === 0 || !hasText(id)) continue
      byMass.offer(id, mass)
      if (total >= MIN_TOTAL) byShare.offer(id, mass / total)
    }
    all[row - start] = [...new Set([...byMass.indices, ...byShare.indices])]
      .map((tokenId) => ({ tokenId, mass: masses[tokenId] ?? 0 }))
      .sort((a, b) => b.mass - a.mass || a.tokenId - b.tokenId)
  })
  return all
}

/** Holds a mass to its token's total, which it may exceed by rounding alone. */
function boundMass(mass: number, total: number, place: string): number {
  if (mass <= total) return mass
  if (mass <= total + productSlack(total)) return total
  throw new AtlasError('format/malformed', `${place}: holds ${mass}, expected at most its total, ${total}`)
}
