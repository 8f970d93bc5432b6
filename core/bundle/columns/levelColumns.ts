import { AtlasError } from '../../errors/AtlasError.ts'
import { RAREFIED_FIRINGS } from '../../statistics/rarefiedUniqueTokens.ts'
import { concatenate } from '../gunzip.ts'
import { decodeVarints, encodeVarints } from '../varints.ts'
import { expectLength } from './expectLength.ts'

/** Steps of rarefied unique tokens to one. */
export const RAREFIED_STEPS = 256
/** In the place of a token that is not in the summary's list. */
const OTHER = 10
const MOST_TOP_TOKENS = 10

/** The blobs of the row of `difference`; each is the blobs of the modules, one after the other. */
export interface LevelColumns {
  readonly activation_counts: Uint8Array
  readonly unique_tokens: Uint8Array
  readonly rarefied_unique_tokens: Uint8Array
  readonly top_places: Uint8Array
  readonly top_counts: Uint8Array
  readonly other_ranks: Uint8Array
  readonly other_counts: Uint8Array
}

/** What a level says of a subcomponent that does not follow from the rest. */
export interface LevelNumbers {
  readonly activationCount: number
  readonly uniqueTokens: number
  readonly rarefiedUniqueTokens: number | null
  /** The ten most frequent, by frequency rank, in their order. */
  readonly top: readonly { readonly rank: number; readonly count: number }[]
}

/** The numbers of some subcomponents at a level as differences from those of the summary, `base`. */
export function encodeLevel(level: readonly LevelNumbers[], base: readonly LevelNumbers[]): LevelColumns {
  const columns = {
    activation_counts: [] as number[],
    unique_tokens: [] as number[],
    rarefied_unique_tokens: [] as number[],
    top_places: [] as number[],
    top_counts: [] as number[],
    other_ranks: [] as number[],
    other_counts: [] as number[],
  }
  for (const [i, own] of level.entries()) {
    const run = base[i] ?? NOTHING
    columns.activation_counts.push(Math.abs(own.activationCount - run.activationCount))
    columns.unique_tokens.push(Math.abs(own.uniqueTokens - run.uniqueTokens))
    columns.rarefied_unique_tokens.push(rarefiedChange(own.rarefiedUniqueTokens, run.rarefiedUniqueTokens))
    const left = [...run.top]
    for (const { rank, count } of own.top) {
      const place = left.findIndex((entry) => entry.rank === rank)
      columns.top_places.push(place === -1 ? OTHER : place)
      if (place === -1) {
        columns.other_ranks.push(rank)
        columns.other_counts.push(count - 1)
      } else {
        const [found] = left.splice(place, 1)
        columns.top_counts.push(Math.abs(count - (found?.count ?? 0)))
      }
    }
  }
  return mapColumns((name) => encodeVarints(columns[name]))
}

/** The numbers of the subcomponents whose numbers in the summary are `base`; `sign` is 1 where none is less, −1 where none is more. */
export function decodeLevel(columns: LevelColumns, base: readonly LevelNumbers[], sign: number): LevelNumbers[] {
  const readers = mapColumns((name) => readerOf(columns[name], `difference, ${name}`))
  const decoded = base.map((run) => {
    const uniqueTokens = changed('unique_tokens', run.uniqueTokens, sign * readers.unique_tokens.next())
    const left = [...run.top]
    return {
      activationCount: changed('activation_counts', run.activationCount, sign * readers.activation_counts.next()),
      uniqueTokens,
      rarefiedUniqueTokens: rarefiedFrom(readers.rarefied_unique_tokens.next(), run.rarefiedUniqueTokens),
      top: Array.from({ length: Math.min(uniqueTokens, MOST_TOP_TOKENS) }, () => {
        const place = readers.top_places.next()
        if (place === OTHER) {
          return { rank: readers.other_ranks.next(), count: changed('other_counts', 1, readers.other_counts.next(), 1) }
        }
        const [found] = left.splice(place, 1)
        if (found !== undefined) {
          const count = changed('top_counts', found.count, sign * readers.top_counts.next(), 1)
          return { rank: found.rank, count }
        }
        throw new AtlasError('bundle/corrupt', `difference, top_places: ${place}, of ${left.length}`)
      }),
    }
  })
  for (const { end } of Object.values(readers)) end()
  return decoded
}

/** The columns of several modules as one. */
export function joinLevels(parts: readonly LevelColumns[]): LevelColumns {
  return mapColumns((name) => {
    const own = parts.map((part) => part[name])
    return concatenate(
      own,
      own.reduce((sum, { length }) => sum + length, 0),
    )
  })
}

const NOTHING: LevelNumbers = { activationCount: 0, uniqueTokens: 0, rarefiedUniqueTokens: null, top: [] }

function mapColumns<T>(make: (name: keyof LevelColumns) => T): Record<keyof LevelColumns, T> {
  return {
    activation_counts: make('activation_counts'),
    unique_tokens: make('unique_tokens'),
    rarefied_unique_tokens: make('rarefied_unique_tokens'),
    top_places: make('top_places'),
    top_counts: make('top_counts'),
    other_ranks: make('other_ranks'),
    other_counts: make('other_counts'),
  }
}

/** 0 for null; else 1 + 2 d for a difference of d steps from the summary's, 2 |d| for a negative one. */
function rarefiedChange(own: number | null, run: number | null): number {
  if (own === null) return 0
  const steps = Math.round((own - (run ?? 0)) * RAREFIED_STEPS)
  return steps >= 0 ? 1 + 2 * steps : -2 * steps
}

function rarefiedFrom(change: number, run: number | null): number | null {
  if (change === 0) return null
  const steps = change % 2 === 1 ? (change - 1) / 2 : -change / 2
  const own = (run ?? 0) + steps / RAREFIED_STEPS
  if (own >= 0 && own <= RAREFIED_FIRINGS) return own
  const finding = `${own}, expected 0 to ${RAREFIED_FIRINGS}`
  throw new AtlasError('bundle/corrupt', `difference, rarefied_unique_tokens: ${finding}`)
}

/** `count` and `change` together, which `column` tells: at least `least`. */
function changed(column: keyof LevelColumns, count: number, change: number, least = 0): number {
  const own = count + change
  if (own >= least && own < 2 ** 32) return own
  throw new AtlasError('bundle/corrupt', `difference, ${column}: ${own}, expected ${least} or more, less than 2³²`)
}

function readerOf(bytes: Uint8Array, place: string) {
  const numbers = decodeVarints(bytes, place)
  let at = 0
  return {
    next: (): number => {
      const number = numbers[at++]
      if (number !== undefined) return number
      throw new AtlasError('bundle/corrupt', `${place}: ${numbers.length} numbers, cut off`)
    },
    end: (): void => expectLength(place, 'numbers', numbers.length, at),
  }
}
