import { AtlasError } from '../errors/AtlasError.ts'
import { ACTIVATION_BINS } from '../statistics/activationBin.ts'
import { CI_STEPS } from '../statistics/HarvestSettings.ts'
import { hasTable, type IndexDatabase, queryRows } from './IndexDatabase.ts'
import { decodeVarints } from './varints.ts'

/** How often a subcomponent's numbers fall into each bin. */
export interface SubcomponentHistograms {
  /** uint32[CI_STEPS]: causal importance over its firings. */
  readonly ci: Uint32Array
  /** uint32[ACTIVATION_BINS]: inner activation over its firings (`activationBinEdges`). */
  readonly activation: Uint32Array
  /** uint32[ACTIVATION_BINS]: inner activation over the positions drawn by hash, active or not. */
  readonly sampledActivation: Uint32Array
}

/** The histograms of subcomponent `subcomponent` of a detail file; null where it is dead or the harvest had none. */
export function queryHistograms(detail: IndexDatabase, subcomponent: number): SubcomponentHistograms | null {
  if (!hasTable(detail, 'histogram')) return null
  const [row] = queryRows(detail, 'SELECT * FROM histogram WHERE subcomponent = ?', [subcomponent], (found) => {
    const read = (column: string, length: number): Uint32Array => {
      const place = `histogram ${column} of subcomponent ${subcomponent}`
      const bins = decodeVarints(found.blob(column), place)
      if (bins.length === length) return bins
      throw new AtlasError('bundle/corrupt', `${place}: ${bins.length} bins, expected ${length}`)
    }
    return {
      ci: read('ci', CI_STEPS),
      activation: read('activation', ACTIVATION_BINS),
      sampledActivation: read('sampled_activation', ACTIVATION_BINS),
    }
  })
  return row ?? null
}
