import { AtlasError } from '../errors/AtlasError.ts'
import { PRONOUNS, type Slot } from './Template.ts'

const CHARACTER = /^([A-D])(?:\.([a-z]+))?$/
const WORD = /^(an? )?([a-z]+(?:\.(?!s\b)[a-z]+)*)(#\d+)?(\.s)?$/

/** Reads what stands between the braces of a slot, e.g. "A.their" or "a animal#1.s". */
export function parseSlot(expression: string, place: string): Slot {
  const [, character, pronounWord] = CHARACTER.exec(expression) ?? []
  if (character !== undefined && pronounWord === undefined) return { kind: 'name', character }
  const pronoun = PRONOUNS.find((known) => known === pronounWord)
  if (character !== undefined && pronoun !== undefined) return { kind: 'pronoun', character, pronoun }

  const [, article, category, binding, plural] = WORD.exec(expression) ?? []
  if (category === undefined) {
    const expected = 'a character A to D, a pronoun of one, or a category'
    throw new AtlasError('format/malformed', `${place}: slot {${expression}} is not ${expected}`)
  }
  return {
    kind: 'word',
    category,
    binding: binding ?? null,
    isPlural: plural !== undefined,
    hasArticle: article !== undefined,
  }
}
