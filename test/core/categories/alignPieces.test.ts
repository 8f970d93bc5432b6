import { describe, expect, it } from 'vitest'
import { alignPieces, type TaggedWord, UNALIGNED } from '../../../core/categories/alignPieces.ts'
import { categoryIndex, TOKEN_CATEGORIES } from '../../../core/categories/tokenCategories.ts'
import { readTokenPieces } from '../../../core/categories/tokenPieces.ts'

const names: readonly string[] = TOKEN_CATEGORIES

/** "The/DET dog/NOUN" as a text and its words; "_" joins words without white space between them. */
function tagged(marked: string): { text: string; words: TaggedWord[] } {
  const words: TaggedWord[] = []
  let text = ''
  for (const part of marked.split(' ')) {
    if (text !== '') text += ' '
    for (const word of part.split('_')) {
      const [letters = '', tag] = word.split('/')
      const category = names.indexOf(tag ?? '')
      words.push({ start: text.length, end: text.length + letters.length, category })
      text += letters
    }
  }
  return { text, words }
}

/** The category names of `tokens` in the text; those in brackets or angles are special. */
function align(marked: string, tokens: readonly string[]): (string | null)[] {
  const { text, words } = tagged(marked)
  const special = new Set(tokens.flatMap((token, id) => (/^\[.+\]$|^<[^0]+>$/.test(token) ? [id] : [])))
  const vocabulary = tokens.some((token) => /^[Ġ▁]/.test(token)) ? tokens : [...tokens, '##x']
  const categories = alignPieces(text, words, readTokenPieces(vocabulary, special).slice(0, tokens.length))
  return Array.from(categories, (category) =>
    category === UNALIGNED ? null : (TOKEN_CATEGORIES[category] ?? 'no category'),
  )
}

describe('word pieces', () => {
  it('take the tag of the word they stand in, whatever its case', () => {
    expect(align('The/DET dogs/NOUN Barked/VERB ./PUNCT', ['the', 'dog', '##s', 'bark', '##ed', '.', '[EOS]'])).toEqual(
      ['DET', 'NOUN', 'NOUN', 'VERB', 'VERB', 'PUNCT', 'special'],
    )
  })

  it('that span two of the tagger’s words take the one they have most characters of', () => {
    // "didn't" is did/AUX + n't/PART to the tagger, didn + ' + t to the tokenizer: 3 characters of did, 1 of n't.
    expect(align("did/AUX_n't/PART go/VERB", ['didn', "'", 't', 'go'])).toEqual(['AUX', 'PUNCT', 'PART', 'VERB'])
  })

  it('of signs are punctuation inside a word, and as tagged where they are the word', () => {
    expect(align('e-mail/NOUN ,/PUNCT %/SYM', ['e', '-', 'mail', ',', '%'])).toEqual([
      'NOUN',
      'PUNCT',
      'NOUN',
      'PUNCT',
      'SYM',
    ])
  })

  it('are found where the normalizer took accents off', () => {
    expect(align('naïve/ADJ CAFÉ/NOUN', ['naive', 'ca', '##fe'])).toEqual(['ADJ', 'NOUN', 'NOUN'])
    expect(align('nai\u0308ve/ADJ cafe\u0301/NOUN', ['naïve', 'ca', '##fé'])).toEqual(['ADJ', 'NOUN', 'NOUN'])
  })
})

describe('unknown tokens', () => {
  it('are special, swallow one word, and leave the next to its own tag', () => {
    expect(align('a/DET ☃☃x/X big/ADJ dog/NOUN', ['a', '[UNK]', 'big', 'dog'])).toEqual([
      'DET',
      'special',
      'ADJ',
      'NOUN',
    ])
  })

  it('do not let the next token begin inside the word they swallow', () => {
    // "an" is in "banana" twice before it is a word.
    expect(align('banana/NOUN an/DET ox/NOUN', ['[UNK]', 'an', '[UNK]'])).toEqual(['special', 'DET', 'special'])
  })

  it('of a vocabulary of sentence pieces may stop inside a word', () => {
    expect(align('caf☃es/NOUN go/VERB', ['▁caf', '<unk>', 'es', '▁go'])).toEqual(['NOUN', 'special', 'NOUN', 'VERB'])
  })
})

describe('a lost place', () => {
  it('is found again behind what the normalizer rewrote', () => {
    // The tokenizer wrote '"' for „: the sign is found nowhere, the words after it are.
    expect(align('„/PUNCT_come/VERB along/ADV now/ADV', ['"', 'come', 'along', 'now'])).toEqual([
      null,
      'VERB',
      'ADV',
      'ADV',
    ])
  })

  it('is found behind an unknown token although what follows is rewritten', () => {
    expect(align('☃/X big/ADJ „/PUNCT dog/NOUN', ['[UNK]', 'big', '"', 'dog'])).toEqual([
      'special',
      'ADJ',
      null,
      'NOUN',
    ])
  })

  it('does not jump to a single later sign of the same kind', () => {
    const tokens = ['"', 'go', '"']
    expect(align('„/PUNCT_go/VERB_"/PUNCT then/ADV', tokens)).toEqual([null, 'VERB', 'PUNCT'])
  })

  it('gives no category to tokens of another text', () => {
    expect(align('the/DET dog/NOUN', ['cat', 'sits'])).toEqual([null, null])
  })
})

describe('other notations', () => {
  it('reads bytes: Ġ is a space, Ċ a line end, a character may be cut in two', () => {
    // é is C3 A9, written Ã ©; 漢 is E6 BC A2, written æ ¼ ¢.
    expect(align('The/DET café/NOUN 漢/X', ['The', 'Ġcaf', 'Ã', '©', 'Ġ', 'æ', '¼¢', 'Ċ', '<|endoftext|>'])).toEqual([
      'DET',
      'NOUN',
      'NOUN',
      'NOUN',
      'special',
      'X',
      'X',
      'special',
      'special',
    ])
  })

  it('reads ▁ as a space and <0xC3> as a byte', () => {
    expect(align('the/DET né/X end/NOUN', ['▁the', '▁n', '<0xC3>', '<0xA9>', '▁end', '▁'])).toEqual([
      'DET',
      'X',
      'X',
      'X',
      'NOUN',
      'special',
    ])
  })
})

it('gives the tokens before a cut their tags', () => {
  expect(align('The/DET dog/NOUN barked/VERB', ['the', 'dog'])).toEqual(['DET', 'NOUN'])
})

it('passes over a special token that is written out in the text', () => {
  expect(align('one/NUM <|end|>/X two/NUM', ['Ġone', '<|end|>', 'Ġtwo'])).toEqual(['NUM', 'special', 'NUM'])
})

it('gives an id without a token no category', () => {
  const { text, words } = tagged('the/DET')
  expect([...alignPieces(text, words, [null, ...readTokenPieces(['the'], new Set())])]).toEqual([
    UNALIGNED,
    categoryIndex('DET'),
  ])
})
