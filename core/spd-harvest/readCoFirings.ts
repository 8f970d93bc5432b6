import { AtlasError } from '../errors/AtlasError.ts'
import type { PytorchRecord, StripedTensor } from '../pytorch/readPytorchRecord.ts'
import { assertCounts, assertSameCount } from './harvestCounts.ts'
import type { TokenStats } from './readTokenStats.ts'

/** component_correlations.pt of a harvest of n subcomponents: counts read, the matrix left on disk. */
export interface CoFiringMatrix {
  /** float64[n]: F */
  readonly firingCounts: Float64Array
  /** [n, n]: positions where both subcomponents are active; F on the diagonal. */
  readonly counts: StripedTensor
}

/** Reads what `record` says of the harvest `stats` is of; any other is refused by name. */
export async function readCoFirings(record: PytorchRecord, stats: TokenStats): Promise<CoFiringMatrix> {
  const { name } = record
  const keys = record.texts('component_keys')
  const n = stats.firingCounts.length
  const stray = stats.modules.find(({ path, start, C }) => {
    return Array.from({ length: C }, (_, c) => keys[start + c] === `${path}:${c}`).includes(false)
  })
  if (stray !== undefined || keys.length !== n) {
    const finding = `has ${keys.length} subcomponents, ${stray === undefined ? 'not' : `${stray.path} not where`}`
    throw new AtlasError('format/malformed', `${name}: ${finding} those of the token statistics`)
  }
  assertSameCount(
    `${name}: "count_total"`,
    record.count('count_total'),
    stats.positionCount,
    'that of the token statistics',
  )
  const firingCounts = await record.tensor('count_i', [n]).readRows(0, n)
  assertCounts(firingCounts, `${name}: "count_i"`)
  for (const [row, count] of firingCounts.entries()) {
    const expected = stats.firingCounts[row] ?? 0
    if (count === expected) continue
    assertSameCount(`${name}: "count_i" of ${keys[row]}`, count, expected, 'that of the token statistics')
  }
  return { firingCounts, counts: record.tensor('count_ij', [n, n]) }
}
