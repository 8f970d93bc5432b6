/**
 * The 17 universal part-of-speech tags (https://universaldependencies.org/u/pos/), and "special" for tokens that are no
 * word of the text: [EOS], [UNK], padding, and white space with a token of its own. A category is its index here.
 */
export const TOKEN_CATEGORIES = [
  'NOUN',
  'PROPN',
  'PRON',
  'VERB',
  'AUX',
  'ADJ',
  'ADV',
  'DET',
  'ADP',
  'PART',
  'CCONJ',
  'SCONJ',
  'NUM',
  'INTJ',
  'PUNCT',
  'SYM',
  'X',
  'special',
] as const

/** A token's part of speech, or "special". */
export type TokenCategory = (typeof TOKEN_CATEGORIES)[number]

/** What a reader sees for each category. */
export const CATEGORY_LABELS: Readonly<Record<TokenCategory, string>> = {
  NOUN: 'noun',
  PROPN: 'proper noun',
  PRON: 'pronoun',
  VERB: 'verb',
  AUX: 'auxiliary',
  ADJ: 'adjective',
  ADV: 'adverb',
  DET: 'determiner',
  ADP: 'preposition',
  PART: 'particle',
  CCONJ: 'coordinating conjunction',
  SCONJ: 'subordinating conjunction',
  NUM: 'number',
  INTJ: 'interjection',
  PUNCT: 'punctuation',
  SYM: 'symbol',
  X: 'other',
  special: 'special token or white space',
}

/** The index of `category` in the list. */
export const categoryIndex = (category: TokenCategory): number => TOKEN_CATEGORIES.indexOf(category)
