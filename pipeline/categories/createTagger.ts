import model from 'wink-eng-lite-web-model'
import winkNLP from 'wink-nlp'
import type { TaggedWord } from '../../core/categories/alignPieces.ts'
import { TOKEN_CATEGORIES } from '../../core/categories/tokenCategories.ts'
import { invariant } from '../../core/errors/invariant.ts'

/** Splits English text into words and tags each in its context; words ascending; white space and words it rewrites left out. */
export type Tagger = (text: string) => TaggedWord[]

const categoryOfTag: ReadonlyMap<string, number> = new Map(TOKEN_CATEGORIES.map((tag, index) => [tag, index]))

/**
 * wink-eng-lite-web-model 1.8.1 turns its machines for custom entities, which tagging needs none of, into a string once
 * more at every load: twice as long each time, until the twentieth is longer than a string can be. They are loaded once.
 */
invariant(typeof model.metaCER === 'function', 'the model loads its parts by functions')
const customEntities: unknown = model.metaCER()
const modelOfOneLoad: typeof model = { ...model, metaCER: () => customEntities }

/**
 * A tagger by wink-nlp's English model (about 60 ms to make). It remembers words outside its lexicon, without bound and with
 * what it made of them, so that tags are a function of the texts given to this one in their order: one is made for each part.
 */
export function createTagger(): Tagger {
  const nlp = winkNLP(modelOfOneLoad, ['sbd', 'pos'])
  return (text) => {
    const tokens = nlp.readDoc(text).tokens()
    const values = tokens.out()
    const tags = tokens.out(nlp.its.pos)
    const words: TaggedWord[] = []
    let cursor = 0
    for (const [i, value] of values.entries()) {
      const tag = tags[i] ?? ''
      const start = text.indexOf(value, cursor)
      if (start < 0) continue
      cursor = start + value.length
      if (tag === 'SPACE') continue
      const category = categoryOfTag.get(tag)
      invariant(category !== undefined, `"${tag}" is a universal part-of-speech tag`)
      words.push({ start, end: cursor, category })
    }
    return words
  }
}
