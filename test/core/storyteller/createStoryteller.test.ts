import { describe, expect, test } from 'vitest'
import { createStoryteller } from '../../../core/storyteller/createStoryteller.ts'
import type { Grammar } from '../../../core/storyteller/Grammar.ts'
import { parseLexicon } from '../../../core/storyteller/parseLexicon.ts'

const LEXICON = `
name.m: leo, max, tom
name.f: mia, anne, lily
animal: cat, owl, wolf/wolves, ant
day: monday, friday
number: one, two
`

function grammarOf(...bodies: string[]): Grammar {
  return {
    lexicon: parseLexicon(LEXICON, 'lexicon.txt'),
    skeletons: bodies.map((body) => ({ theme: 'test', style: 'plain', body })),
  }
}

/** The first 100 stories of one skeleton. */
function storiesOf(body: string): string[] {
  const storyteller = createStoryteller(grammarOf(body), 7)
  return Array.from({ length: 100 }, (_, index) => storyteller.story(index).text)
}

const distinct = (stories: readonly string[]) => [...new Set(stories)].sort()

describe('createStoryteller', () => {
  test('draws every word of a category, every alternative and both genders', () => {
    expect(distinct(storiesOf('{animal}'))).toEqual(['Ant', 'Cat', 'Owl', 'Wolf'])
    expect(distinct(storiesOf('[x|y|]z'))).toEqual(['Xz', 'Yz', 'Z'])
    expect(distinct(storiesOf('{A}'))).toEqual(['Anne', 'Leo', 'Lily', 'Max', 'Mia', 'Tom'])
  })

  test('agrees pronouns with the gender of their character', () => {
    const stories = storiesOf('{A} {A.they} {A.them} {A.their} {A.theirs} {A.themself}')
    const forms = distinct(
      stories.map((story) => story.replace(/^(Leo|Max|Tom)/, 'm').replace(/^(Mia|Anne|Lily)/, 'f')),
    )
    expect(forms).toEqual(['f she her her hers herself', 'm he him his his himself'])
  })

  test('gives a character whose pronoun stands first the name that fits it', () => {
    for (const story of storiesOf('{A.they} is {A}'))
      expect(story).toMatch(/^(He is (Leo|Max|Tom)|She is (Mia|Anne|Lily))$/)
  })

  test('names characters apart', () => {
    for (const story of storiesOf('{A} {B} {C} {A}')) {
      const [a, b, c, again] = story.split(' ')
      expect(new Set([a, b, c]).size).toBe(3)
      expect(again).toBe(a)
    }
  })

  test('repeats a bound word in singular and plural, and keeps bindings apart', () => {
    for (const story of storiesOf('{animal#1} {animal#1.s} {animal#2}')) {
      const [first = '', plural = '', other = ''] = story.toLowerCase().split(' ')
      expect(plural).toBe(first === 'wolf' ? 'wolves' : `${first}s`)
      expect(other).not.toBe(first)
    }
  })

  test('agrees the article with the word drawn', () => {
    expect(distinct(storiesOf('It is {a animal}'))).toEqual([
      'It is a cat',
      'It is a wolf',
      'It is an ant',
      'It is an owl',
    ])
  })

  test('capitalises days', () => {
    expect(distinct(storiesOf('On {day}'))).toEqual(['On Friday', 'On Monday'])
  })

  test('takes the first word of a category that is used up', () => {
    // Of two words, two are bound: 20 draws find no third.
    for (const story of storiesOf('It: {number#1} {number#2} {number#3}'))
      expect(story).toMatch(/(one two|two one) one$/)
  })

  test('tells the same story for the same seed and index, in whatever order it is asked', () => {
    const grammar = grammarOf('{A} [met|saw|fed] {a animal}.', '{animal.s} [ran|sat].')
    const one = createStoryteller(grammar, 3)
    const other = createStoryteller(grammar, 3)
    const backwards = Array.from({ length: 20 }, (_, index) => other.story(19 - index)).reverse()
    expect(Array.from({ length: 20 }, (_, index) => one.story(index))).toEqual(backwards)
  })

  test('tells other stories for another seed', () => {
    const grammar = grammarOf('{A} {B} {animal} {animal} [a|b|c|d]')
    const [one, other] = [3, 4].map((seed) => createStoryteller(grammar, seed).story(0).text)
    expect(one).not.toBe(other)
  })

  test('says theme and style of the skeleton', () => {
    expect(createStoryteller(grammarOf('x'), 0).story(0)).toEqual({ text: 'X', theme: 'test', style: 'plain' })
  })

  test('refuses a category the lexicon lacks, even in an alternative rarely taken', () => {
    expect(() => createStoryteller(grammarOf('fine', '[a|b|{animl}]'), 0)).toThrow(
      'skeleton 2 ("test"): category "animl" is unknown, expected one of the lexicon\'s 5 categories that have words',
    )
  })

  test('refuses characters without names', () => {
    const { skeletons } = grammarOf('{A.they}')
    expect(() => createStoryteller({ lexicon: [], skeletons }, 0)).toThrow('category "name.m" is unknown')
  })

  test('refuses a fault in any skeleton before telling one', () => {
    expect(() => createStoryteller(grammarOf('fine', 'one {A'), 0)).toThrow('"{" at character 4 is never closed')
  })

  test('refuses a grammar without skeletons', () => {
    expect(() => createStoryteller(grammarOf(), 0)).toThrow('story grammar has no skeleton, expected at least one')
  })
})
