import type { CoFiringRow } from '../../../core/bundle/queryCoFirings.ts'
import type { OutputTokenRow } from '../../../core/bundle/queryOutputTokens.ts'
import type { SubcomponentRow } from '../../../core/bundle/querySubcomponent.ts'
import type { SubcomponentTokenRow } from '../../../core/bundle/queryTokens.ts'
import { formatCount, formatPercent, formatProbability } from '../../ui/formatNumber.ts'

/** Tokens named in a title. */
const NAMED = 3
/** Where three tokens hold less of the firings than this, naming them would mislead. */
const SPREAD_SHARE = 0.2

/** What the tokens of a subcomponent show, in a sentence made of their numbers. */
export function tokensFinding(tokens: readonly SubcomponentTokenRow[], activationCount: number): string {
  const [only] = tokens
  if (only === undefined) return 'It never fires'
  if (tokens.length === 1) return `It fires on one token only, ${quote(only.token)}`
  const named = tokens.slice(0, NAMED)
  const share = named.reduce((sum, { count }) => sum + count, 0) / activationCount
  const list = joinWords(named.map(({ token }) => quote(token)))
  if (tokens.length <= NAMED) return `It fires on ${list} alone`
  const count = formatCount(tokens.length)
  return share < SPREAD_SHARE
    ? `Spread over ${count} tokens: the first three hold ${formatPercent(share)}\u00a0% of its firings`
    : `${list} hold ${formatPercent(share)}\u00a0% of its firings, on ${count} tokens in all`
}

/** With which subcomponent it fires most often, in a sentence; `nameOf` gives a partner's short address. */
export function coFiringFinding(partners: readonly CoFiringRow[], nameOf: (partner: CoFiringRow) => string): string {
  const [first] = partners
  if (first === undefined) return 'It fires with no other subcomponent'
  const share = formatPercent(first.partnerGivenFires)
  return `It fires most often together with ${nameOf(first)}, at ${share}\u00a0% of its firings`
}

/** Which token the target model expects most where it fires. */
export function outputFinding(tokens: readonly OutputTokenRow[]): string {
  const [first] = tokens
  if (first?.tokenGivenFires == null) return 'No predictions where it fires'
  return `Where it fires the model expects ${quote(first.token)} most, mean probability ${formatProbability(first.tokenGivenFires)}`
}

/** On which of the corpus' positions pairs and predictions were counted; null is all of them. */
export function sampledPositionsNote(sampled: number | null, positionCount: number): string {
  const positions = formatCount(positionCount)
  if (sampled === null || sampled === positionCount) return `Counted on all ${positions} positions.`
  return `Counted on ${formatCount(sampled)} of ${positions} positions, drawn by hash.`
}

/** Where the examples come from: a sample always says of how many. */
export function sampleNote(exampleCount: number, activationCount: number, source: 'stories' | 'spd-harvest'): string {
  if (exampleCount === activationCount) {
    return activationCount === 1 ? 'Its one firing.' : `All ${formatCount(activationCount)} firings, in random order.`
  }
  const counts = `${exampleCount} of ${formatCount(activationCount)} firings`
  return source === 'stories' ? `Uniform sample of ${counts}.` : `${counts}, as the spd package sampled them.`
}

/** Share of the firings on the ten most frequent tokens, e.g. "top 10: 65.9 %". */
export function concentrationDetail({ top10Count, activationCount }: SubcomponentRow): string {
  return `top 10: ${formatPercent(top10Count / activationCount)}\u00a0%`
}

function quote(token: string): string {
  return `“${token}”`
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
