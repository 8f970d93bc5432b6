import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import { expandTemplate } from './expandTemplate.ts'
import type { Grammar, Skeleton, Word } from './Grammar.ts'
import { parseTemplate } from './parseTemplate.ts'
import { seededRandom } from './seededRandom.ts'
import type { Template } from './Template.ts'

/** A corpus is its grammar, its seed and its length: story `index` under one seed is always the same text. */
export interface Storyteller {
  /** The story at `index`, an integer from 0. */
  story(index: number): Story
}

export interface Story {
  readonly text: string
  /** Those of its skeleton. */
  readonly theme: string
  readonly style: string
}

const CHARACTER_CATEGORIES = ['name.m', 'name.f']
/** Multipliers that spread neighbouring seeds and indices over 32 bits (golden ratio; MurmurHash3). */
const SEED_FACTOR = 0x9e3779b1
const INDEX_FACTOR = 0x85ebca6b
/** First draws of neighbouring states resemble each other and are thrown away. */
const DISCARDED_DRAWS = 4

/** Prepares a grammar for telling; `seed` is an integer, taken modulo 2³². Refuses a grammar with a fault in any skeleton. */
export function createStoryteller(grammar: Grammar, seed: number): Storyteller {
  const wordsOf = new Map(grammar.lexicon.map(({ name, words }) => [name, words]))
  const prepared = grammar.skeletons.map((skeleton, index) => prepare(skeleton, index, wordsOf))
  if (prepared.length === 0) {
    throw new AtlasError('format/malformed', 'story grammar has no skeleton, expected at least one')
  }
  return {
    story(index) {
      const random = seededRandom(Math.imul(seed, SEED_FACTOR) ^ Math.imul(index + 1, INDEX_FACTOR))
      for (let draw = 0; draw < DISCARDED_DRAWS; draw++) random()
      const chosen = prepared[Math.floor(random() * prepared.length)]
      invariant(chosen !== undefined, 'a draw below 1 lies within the skeletons')
      const { skeleton, template } = chosen
      return { text: expandTemplate(template, wordsOf, random), theme: skeleton.theme, style: skeleton.style }
    },
  }
}

interface PreparedSkeleton {
  readonly skeleton: Skeleton
  readonly template: Template
}

function prepare(skeleton: Skeleton, index: number, wordsOf: ReadonlyMap<string, readonly Word[]>): PreparedSkeleton {
  const place = `skeleton ${index + 1} ("${skeleton.theme}")`
  const template = parseTemplate(skeleton.body, place)
  for (const category of categoriesOf(template)) {
    if ((wordsOf.get(category) ?? []).length === 0) {
      const expected = `one of the lexicon's ${wordsOf.size} categories that have words`
      throw new AtlasError('format/malformed', `${place}: category "${category}" is unknown, expected ${expected}`)
    }
  }
  return { skeleton, template }
}

function categoriesOf(template: Template): string[] {
  return template.flatMap((part) => {
    switch (part.kind) {
      case 'text':
        return []
      case 'choice':
        return part.options.flatMap(categoriesOf)
      case 'word':
        return [part.category]
      default:
        return CHARACTER_CATEGORIES
    }
  })
}
