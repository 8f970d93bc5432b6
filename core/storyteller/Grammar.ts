/** A story grammar as plain data: what training/grammar holds and a bundle's `stories/grammar.json` carries. */
export interface Grammar {
  readonly lexicon: Lexicon
  readonly skeletons: readonly Skeleton[]
}

export type Lexicon = readonly Category[]

/** The words a slot such as {animal} draws from. */
export interface Category {
  /** e.g. "animal", "name.f" */
  readonly name: string
  readonly words: readonly Word[]
}

export interface Word {
  readonly singular: string
  readonly plural: string
}

/**
 * An authored story with slots and alternatives. Syntax of `body`:
 *
 *     {A} {B} {C} {D}            characters: distinct names, each with a gender
 *     {A.they} {A.them} {A.their} {A.theirs} {A.themself}   pronouns of a character
 *     {animal}                   a word of a lexicon category, drawn anew
 *     {animal#1}                 the same word wherever it stands in the story; #1 and #2 differ
 *     {animal#1.s} {animal.s}    its plural
 *     {a animal#1}               with the indefinite article that its sound asks for
 *     [x|y|z]                    one of the alternatives, which may nest and may be empty
 *
 * An empty line starts a paragraph. Sentence starts, names, days, months and "I" are capitalised by the storyteller.
 */
export interface Skeleton {
  /** e.g. "lost things" */
  readonly theme: string
  /** e.g. "diary" */
  readonly style: string
  readonly body: string
}
