import { invariant } from '../errors/invariant.ts'
import type { CoFiringPartner } from './CoFiringPartner.ts'
import { OUTPUT_PROBABILITY_UNIT, type SampledPositions } from './SampledPositions.ts'
import { strongestPartners } from './strongestPartners.ts'
import type { TokenMass } from './TokenMass.ts'
import { TopScores } from './TopScores.ts'

/** Least probability over the sampled positions, in positions, for a token to be ranked by its share: below, it is chance. */
const MIN_TOTAL = 5

/** Of fewer places than a sixteenth those that were touched are sorted, of more all are looked at. */
const SORTED_SHARE = 1 / 16

/**
 * Counts over sampled positions, one subcomponent at a time: memory is the sample's twice more, and two numbers for each
 * subcomponent and one for each token of the run; time Σ L0² and Σ L0 · (output tokens kept of a position), and for each
 * subcomponent that fires sorting or looking at those it fires with.
 */
export class SampleCounts {
  /** float64[vocabulary]: probability of each output token, summed over the sampled positions. */
  readonly outputTotals: Float64Array
  /** Place of a module's first subcomponent among those of all modules; one more at the end. */
  readonly #offsets: number[]
  /** uint32[all subcomponents]: firings on the sampled positions. */
  readonly #firings: Uint32Array
  /** Places of the subcomponents active at each row, all modules' side by side: what the innermost loop reads. */
  readonly #active: { readonly starts: Uint32Array; readonly places: Uint32Array }
  readonly #counts: Uint32Array
  /** Places whose count is above 0, in the order they were met. */
  readonly #touched: Uint32Array
  readonly #masses: Float64Array
  /** Of each module, once asked for. */
  #rowsOf: { readonly moduleId: number; readonly starts: Uint32Array; readonly rows: Uint32Array } | null = null

  constructor(
    private readonly sample: SampledPositions,
    subcomponentCounts: readonly number[],
    vocabularySize: number,
  ) {
    invariant(sample.modules.length === subcomponentCounts.length, `a sample of ${sample.modules.length} modules`)
    this.#offsets = [0]
    for (const C of subcomponentCounts) this.#offsets.push((this.#offsets.at(-1) ?? 0) + C)
    const total = this.#offsets.at(-1) ?? 0
    this.#firings = new Uint32Array(total)
    this.#counts = new Uint32Array(total)
    this.#touched = new Uint32Array(total)
    this.#masses = new Float64Array(vocabularySize)
    for (const [moduleId, { subcomponents }] of sample.modules.entries()) {
      const offset = this.#offsets[moduleId] ?? 0
      for (const c of subcomponents) this.#firings[offset + c] = (this.#firings[offset + c] ?? 0) + 1
    }
    this.#active = this.#placesOfRows()
    this.outputTotals = new Float64Array(vocabularySize)
    const { tokenIds, probabilities } = sample.outputs
    for (const [i, id] of tokenIds.entries()) {
      this.outputTotals[id] = (this.outputTotals[id] ?? 0) + (probabilities[i] ?? 0)
    }
    for (let id = 0; id < vocabularySize; id++)
      this.outputTotals[id] = (this.outputTotals[id] ?? 0) * OUTPUT_PROBABILITY_UNIT
  }

  /** F of a subcomponent on the sampled positions. */
  firings(moduleId: number, subcomponent: number): number {
    return this.#firings[(this.#offsets[moduleId] ?? 0) + subcomponent] ?? 0
  }

  /** The partners first by n, by P(c|d) and by Jaccard, `limit` by each, most n first, then the lower address. */
  partners(moduleId: number, subcomponent: number, limit: number): CoFiringPartner[] {
    const counts = this.#counts
    const { starts, places } = this.#active
    let touchedCount = 0
    for (const row of this.#rows(moduleId, subcomponent)) {
      const end = starts[row + 1] ?? 0
      for (let i = starts[row] ?? 0; i < end; i++) {
        const place = places[i] ?? 0
        const count = counts[place] ?? 0
        if (count === 0) this.#touched[touchedCount++] = place
        counts[place] = count + 1
      }
    }
    const self = (this.#offsets[moduleId] ?? 0) + subcomponent
    const touched = this.#touched.subarray(0, touchedCount)
    const isFew = touchedCount < counts.length * SORTED_SHARE
    const known = { counts, firings: this.#firings, ...(isFew ? { places: touched.sort() } : {}) }
    const partners = strongestPartners(self, known, limit)
      .map((place) => ({ ...this.#addressOf(place), count: counts[place] ?? 0 }))
      .sort((a, b) => b.count - a.count || a.moduleId - b.moduleId || a.subcomponent - b.subcomponent)
    for (const place of touched) counts[place] = 0
    return partners
  }

  /** The tokens expected first by mass and by share of their total, `limit` by each, most mass first, then the lower id. */
  outputTokens(moduleId: number, subcomponent: number, limit: number): TokenMass[] {
    const { starts, tokenIds, probabilities } = this.sample.outputs
    const masses = this.#masses
    const touched: number[] = []
    for (const row of this.#rows(moduleId, subcomponent)) {
      const end = starts[row + 1] ?? 0
      for (let i = starts[row] ?? 0; i < end; i++) {
        const id = tokenIds[i] ?? 0
        const mass = masses[id] ?? 0
        if (mass === 0) touched.push(id)
        masses[id] = mass + (probabilities[i] ?? 0)
      }
    }
    const byMass = new TopScores(limit)
    const byShare = new TopScores(limit)
    for (const id of touched.sort((a, b) => a - b)) {
      const mass = (masses[id] ?? 0) * OUTPUT_PROBABILITY_UNIT
      const total = this.outputTotals[id] ?? 0
      byMass.offer(id, mass)
      if (total >= MIN_TOTAL) byShare.offer(id, mass / total)
    }
    const chosen = [...new Set([...byMass.indices, ...byShare.indices])]
      .map((tokenId) => ({ tokenId, mass: (masses[tokenId] ?? 0) * OUTPUT_PROBABILITY_UNIT }))
      .sort((a, b) => b.mass - a.mass || a.tokenId - b.tokenId)
    for (const id of touched) masses[id] = 0
    return chosen
  }

  /** Rows of the sample where a subcomponent is active, ascending; those of its module are found once. */
  #rows(moduleId: number, subcomponent: number): Uint32Array {
    if (this.#rowsOf?.moduleId !== moduleId) this.#rowsOf = { moduleId, ...this.#turnRound(moduleId) }
    const { starts, rows } = this.#rowsOf
    return rows.subarray(starts[subcomponent], starts[subcomponent + 1])
  }

  #turnRound(moduleId: number): { readonly starts: Uint32Array; readonly rows: Uint32Array } {
    const module = this.sample.modules[moduleId]
    invariant(module !== undefined, `the sample has no module ${moduleId}`)
    const offset = this.#offsets[moduleId] ?? 0
    const C = (this.#offsets[moduleId + 1] ?? offset) - offset
    const starts = new Uint32Array(C + 1)
    for (let c = 0; c < C; c++) starts[c + 1] = (starts[c] ?? 0) + (this.#firings[offset + c] ?? 0)
    const next = starts.slice()
    const rows = new Uint32Array(module.subcomponents.length)
    for (let row = 0; row < this.sample.rowCount; row++) {
      const end = module.starts[row + 1] ?? 0
      for (let i = module.starts[row] ?? 0; i < end; i++) {
        const c = module.subcomponents[i] ?? 0
        const slot = next[c] ?? 0
        rows[slot] = row
        next[c] = slot + 1
      }
    }
    return { starts, rows }
  }

  #placesOfRows(): { readonly starts: Uint32Array; readonly places: Uint32Array } {
    const { rowCount, modules } = this.sample
    const starts = new Uint32Array(rowCount + 1)
    const places = new Uint32Array(modules.reduce((sum, { subcomponents }) => sum + subcomponents.length, 0))
    let length = 0
    for (let row = 0; row < rowCount; row++) {
      for (const [moduleId, module] of modules.entries()) {
        const offset = this.#offsets[moduleId] ?? 0
        const end = module.starts[row + 1] ?? 0
        for (let i = module.starts[row] ?? 0; i < end; i++) places[length++] = offset + (module.subcomponents[i] ?? 0)
      }
      starts[row + 1] = length
    }
    return { starts, places }
  }

  #addressOf(place: number): { readonly moduleId: number; readonly subcomponent: number } {
    const moduleId = this.#offsets.findLastIndex((offset) => offset <= place)
    return { moduleId, subcomponent: place - (this.#offsets[moduleId] ?? 0) }
  }
}
