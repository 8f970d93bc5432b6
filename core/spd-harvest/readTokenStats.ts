import { AtlasError } from '../errors/AtlasError.ts'
import type { PytorchRecord, StripedTensor } from '../pytorch/readPytorchRecord.ts'
import { assertCounts, assertMasses, assertSameCount } from './harvestCounts.ts'
import { type ExpectedModule, locateModules, type ModuleRows } from './locateModules.ts'

/** token_stats.pt of a harvest of n subcomponents: the vectors read, the matrices left on disk. */
export interface TokenStats {
  /** In the order of the bundle. */
  readonly modules: readonly ModuleRows[]
  readonly positionCount: number
  /** float64[vocabulary]: T */
  readonly occurrences: Float64Array
  /** float64[vocabulary]: probability of each token, summed over all positions. */
  readonly outputTotals: Float64Array
  /** float64[n]: F */
  readonly firingCounts: Float64Array
  /** [n, vocabulary]: m */
  readonly inputCounts: StripedTensor
  /** [n, vocabulary]: probability of each token, summed over the positions where the subcomponent is active. */
  readonly outputMasses: StripedTensor
}

/** Reads what `record` says of a harvest of the bundle's `modules`; any other is refused by name. */
export async function readTokenStats(
  record: PytorchRecord,
  modules: readonly ExpectedModule[],
  vocabularySize: number,
): Promise<TokenStats> {
  const { name } = record
  const keys = record.texts('component_keys')
  const located = locateModules(keys, modules, name)
  const foundVocabulary = record.count('vocab_size')
  if (foundVocabulary !== vocabularySize) {
    const message = `${name}: has a vocabulary of ${foundVocabulary}, the bundle's has ${vocabularySize}`
    throw new AtlasError('arguments/invalid', message)
  }
  const n = keys.length
  const readVector = (key: string, length: number) => record.tensor(key, [length]).readRows(0, length)
  const occurrences = await readVector('input_totals', vocabularySize)
  const outputTotals = await readVector('output_totals', vocabularySize)
  const firingCounts = await readVector('firing_counts', n)
  assertCounts(occurrences, `${name}: "input_totals"`)
  assertMasses(outputTotals, `${name}: "output_totals"`)
  assertCounts(firingCounts, `${name}: "firing_counts"`)
  const positionCount = record.count('n_tokens')
  const occurrenceSum = occurrences.reduce((sum, count) => sum + count, 0)
  assertSameCount(`${name}: the sum of "input_totals"`, occurrenceSum, positionCount, '"n_tokens"')
  if (positionCount === 0) throw new AtlasError('format/malformed', `${name}: "n_tokens" is 0, expected at least 1`)
  return {
    modules: located,
    positionCount,
    occurrences,
    outputTotals,
    firingCounts,
    inputCounts: record.tensor('input_counts', [n, vocabularySize]),
    outputMasses: record.tensor('output_counts', [n, vocabularySize]),
  }
}
