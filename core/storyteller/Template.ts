/** A skeleton's body, parsed: what stands there in turn. */
export type Template = readonly TemplatePart[]

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'choice'; readonly options: readonly Template[] }
  | Slot

export type Slot =
  | { readonly kind: 'name'; readonly character: string }
  | { readonly kind: 'pronoun'; readonly character: string; readonly pronoun: Pronoun }
  | WordSlot

/** {category}, {category#1.s}, {a category}: a word of the lexicon. */
export interface WordSlot {
  readonly kind: 'word'
  readonly category: string
  /** e.g. "#1": slots of one category that share it hold one word; null draws anew. */
  readonly binding: string | null
  readonly isPlural: boolean
  readonly hasArticle: boolean
}

export type Pronoun = (typeof PRONOUNS)[number]

export const PRONOUNS = ['they', 'them', 'their', 'theirs', 'themself'] as const
