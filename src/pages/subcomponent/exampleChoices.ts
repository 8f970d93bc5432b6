import type { ExampleRow } from '../../../core/bundle/queryExamples.ts'
import { formatCount } from '../../ui/formatNumber.ts'
import { sampleNote } from './findings.ts'

/** Which firings are shown: the sample as drawn, the strongest, or the sample by strength. */
export type ExampleChoice = 'sampled' | 'strongest' | 'quantile'

export const CHOICE_LABELS: Readonly<Record<ExampleChoice, string>> = {
  sampled: 'sampled',
  strongest: 'strongest',
  quantile: 'by quantile',
}

/** Examples under a title of their own. */
export interface ExampleGroup {
  readonly title: string
  readonly examples: readonly ExampleRow[]
}

/** Bounds of the groups by quantile, strongest first. */
const QUARTERS = [
  { from: 0.75, title: '|h| in the strongest quarter of the sample' },
  { from: 0.5, title: 'Second quarter' },
  { from: 0.25, title: 'Third quarter' },
  { from: 0, title: 'Weakest quarter' },
] as const

/** What the index lets a reader choose from. */
export function exampleChoices(sampled: readonly ExampleRow[], strongest: readonly ExampleRow[]): ExampleChoice[] {
  const hasQuantiles = sampled.some(({ activationQuantile }) => activationQuantile !== null)
  return [
    'sampled',
    ...(strongest.length > 0 ? (['strongest'] as const) : []),
    ...(hasQuantiles ? (['quantile'] as const) : []),
  ]
}

/** The examples of a choice; by quantile in quarters, those without any left out. */
export function groupExamples(
  choice: ExampleChoice,
  sampled: readonly ExampleRow[],
  strongest: readonly ExampleRow[],
): ExampleGroup[] {
  if (choice !== 'quantile') {
    return [{ title: CHOICE_LABELS[choice], examples: choice === 'sampled' ? sampled : strongest }]
  }
  const known = sampled.flatMap((example) => {
    const { activationQuantile: quantile } = example
    return quantile === null ? [] : [{ example, quantile }]
  })
  const ordered = known.toSorted((a, b) => b.quantile - a.quantile || a.example.rank - b.example.rank)
  return QUARTERS.flatMap(({ from, title }, i) => {
    const below = QUARTERS[i - 1]?.from ?? Number.POSITIVE_INFINITY
    const examples = ordered.filter(({ quantile }) => quantile >= from && quantile < below)
    return examples.length === 0 ? [] : [{ title, examples: examples.map(({ example }) => example) }]
  })
}

interface ExampleCounts {
  readonly sampled: readonly ExampleRow[]
  readonly strongest: readonly ExampleRow[]
  readonly activationCount: number
  readonly source: 'stories' | 'spd-harvest'
}

/** What the list is, and of how many firings. */
export function exampleNote(choice: ExampleChoice, counts: ExampleCounts): string {
  const { sampled, strongest, activationCount, source } = counts
  const note = sampleNote(sampled.length, activationCount, source)
  if (choice === 'sampled') return note
  if (choice === 'quantile') return `${note} By |inner activation|, in quarters of the sample.`
  return `The ${strongest.length} of ${formatCount(activationCount)} firings with the greatest |inner activation|.`
}
