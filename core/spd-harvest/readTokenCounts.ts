import { AtlasError } from '../errors/AtlasError.ts'
import { countSlack } from '../statistics/countSlack.ts'
import type { TokenCounts } from '../statistics/TokenCounts.ts'
import { forEachRow } from './forEachRow.ts'
import { assertCounts, assertSameCount } from './harvestCounts.ts'
import type { ModuleRows } from './locateModules.ts'
import type { TokenStats } from './readTokenStats.ts'

/**
 * The tokens each subcomponent of a module is active on. Refuses counts above a token's occurrences, and counts whose
 * sum is not the subcomponent's firings.
 */
export async function readTokenCounts(stats: TokenStats, { path, start, end }: ModuleRows): Promise<TokenCounts[]> {
  const { inputCounts, occurrences, firingCounts } = stats
  const all: TokenCounts[] = []
  await forEachRow(
    inputCounts,
    start,
    end,
    () => true,
    (row, numbers) => {
      const place = `${inputCounts.place} of ${path}:${row - start}`
      assertCounts(numbers, place)
      const counts = withoutZeros(numbers)
      const above = counts.tokenIds.find((id) => {
        const [m, T] = [numbers[id] ?? 0, occurrences[id] ?? 0]
        return m > T + countSlack(m)
      })
      if (above !== undefined) {
        const finding = `counts token ${above} ${numbers[above]} times`
        throw new AtlasError('format/malformed', `${place} ${finding}, expected at most its ${occurrences[above]}`)
      }
      const sum = counts.counts.reduce((total, count) => total + count, 0)
      assertSameCount(`the sum of ${place}`, sum, firingCounts[row] ?? 0, '"firing_counts"')
      all.push(counts)
    },
  )
  return all
}

function withoutZeros(numbers: Float64Array): TokenCounts {
  let length = 0
  for (const number of numbers) if (number > 0) length++
  const tokenIds = new Uint32Array(length)
  const counts = new Uint32Array(length)
  for (let id = 0, i = 0; i < length; id++) {
    const count = numbers[id] ?? 0
    if (count === 0) continue
    tokenIds[i] = id
    counts[i++] = count
  }
  return { tokenIds, counts }
}
