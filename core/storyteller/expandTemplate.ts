import { invariant } from '../errors/invariant.ts'
import { capitalise } from './capitalise.ts'
import type { Word } from './Grammar.ts'
import type { Pronoun, Slot, Template, TemplatePart, WordSlot } from './Template.ts'
import { tidyText } from './tidyText.ts'

/** Draws after which a category counts as used up and its first word is taken, used or not. */
const MAX_DRAWS = 20

type Gender = 'm' | 'f'

const PRONOUN_FORMS: Readonly<Record<Gender, Readonly<Record<Pronoun, string>>>> = {
  m: { they: 'he', them: 'him', their: 'his', theirs: 'his', themself: 'himself' },
  f: { they: 'she', them: 'her', their: 'her', theirs: 'hers', themself: 'herself' },
}

const CAPITALISED_CATEGORIES: ReadonlySet<string> = new Set(['day', 'month'])

/** Writes one story; `random` is asked in the order of reading, so equal draws give equal text. */
export function expandTemplate(
  template: Template,
  wordsOf: ReadonlyMap<string, readonly Word[]>,
  random: () => number,
): string {
  return tidyText(expand(template, { wordsOf, random, bound: new Map(), used: new Set(), characters: new Map() }))
}

/** One story in the making. */
interface Telling {
  readonly wordsOf: ReadonlyMap<string, readonly Word[]>
  readonly random: () => number
  /** By category and binding, e.g. "animal#1". */
  readonly bound: Map<string, Word>
  /** Singulars that later draws avoid. */
  readonly used: Set<string>
  readonly characters: Map<string, { readonly name: string; readonly gender: Gender }>
}

function expand(template: Template, telling: Telling): string {
  return template.map((part) => expandPart(part, telling)).join('')
}

function expandPart(part: TemplatePart, telling: Telling): string {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'choice':
      return expand(itemAt(part.options, Math.floor(telling.random() * part.options.length)), telling)
    default:
      return fillSlot(part, telling)
  }
}

function fillSlot(slot: Slot, telling: Telling): string {
  switch (slot.kind) {
    case 'name':
      return characterOf(slot.character, telling).name
    case 'pronoun':
      return PRONOUN_FORMS[characterOf(slot.character, telling).gender][slot.pronoun]
    case 'word':
      return fillWord(slot, telling)
  }
}

function fillWord(slot: WordSlot, telling: Telling): string {
  const word = slot.binding === null ? draw(slot.category, telling) : boundWord(slot.category, slot.binding, telling)
  const form = slot.isPlural ? word.plural : word.singular
  const text = CAPITALISED_CATEGORIES.has(slot.category) ? capitalise(form) : form
  // tidyText turns it into "an" where the sound asks for it.
  return slot.hasArticle ? `a ${text}` : text
}

function boundWord(category: string, binding: string, telling: Telling): Word {
  const known = telling.bound.get(category + binding)
  if (known) return known
  const word = draw(category, telling)
  telling.bound.set(category + binding, word)
  telling.used.add(word.singular)
  return word
}

function characterOf(id: string, telling: Telling): { readonly name: string; readonly gender: Gender } {
  const known = telling.characters.get(id)
  if (known) return known
  const gender = telling.random() < 0.5 ? 'm' : 'f'
  const name = draw(`name.${gender}`, telling).singular
  telling.used.add(name)
  const character = { name: capitalise(name), gender } as const
  telling.characters.set(id, character)
  return character
}

function draw(category: string, telling: Telling): Word {
  const words = telling.wordsOf.get(category)
  invariant(words !== undefined, `category "${category}" is not in the lexicon, though the templates were checked`)
  for (let attempt = 0; attempt < MAX_DRAWS; attempt++) {
    const word = itemAt(words, Math.floor(telling.random() * words.length))
    if (!telling.used.has(word.singular)) return word
  }
  return itemAt(words, 0)
}

function itemAt<Item>(items: readonly Item[], index: number): Item {
  const item = items[index]
  invariant(item !== undefined, `a list of ${items.length} has no item ${index}`)
  return item
}
