import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { capitalise } from '../../core/storyteller/capitalise.ts'
import { createStoryteller } from '../../core/storyteller/createStoryteller.ts'
import { readGrammar, writeGrammar } from '../../core/storyteller/readGrammar.ts'
import { readGrammarFolder } from '../../training/readGrammarFolder.ts'
import expected from '../core/storyteller/stories.json' with { type: 'json' }

const grammar = await readGrammarFolder(fileURLToPath(new URL('../../training/grammar', import.meta.url)))

function stories(seed: number, count: number): string[] {
  const storyteller = createStoryteller(grammar, seed)
  return Array.from({ length: count }, (_, index) => storyteller.story(index).text)
}

const MALE = /\b(he|him|his|himself)\b/i
const FEMALE = /\b(she|her|hers|herself)\b/i
const withoutSlots = (body: string): string => body.replace(/\{[^}]*\}/g, '')

function names(gender: 'm' | 'f'): string[] {
  const category = grammar.lexicon.find(({ name }) => name === `name.${gender}`)
  return (category?.words ?? []).map((word) => word.singular)
}

describe('the demo grammar', () => {
  test('has 241 skeletons', () => {
    expect(grammar.skeletons).toHaveLength(241)
  })

  test.each(grammar.skeletons.map((skeleton, index) => ({ skeleton, name: `${index + 1} "${skeleton.theme}"` })))(
    'skeleton $name tells 60 distinct stories without markup',
    ({ skeleton }) => {
      const storyteller = createStoryteller({ ...grammar, skeletons: [skeleton] }, 7)
      const texts = Array.from({ length: 60 }, (_, index) => storyteller.story(index).text)
      expect(texts.filter((text) => /[{}[\]|#]/.test(text))).toEqual([])
      expect(new Set(texts).size).toBe(60)
    },
  )

  test.each(expected.seeds)('tells the stories the demo run was trained on: seed $seed', ({ seed, ...sample }) => {
    const storyteller = createStoryteller(grammar, seed)
    const hash = createHash('sha256')
    for (let index = 0; index < expected.count; index++) {
      const { text, theme, style } = storyteller.story(index)
      hash.update(`${JSON.stringify({ story: text, theme, style })}\n`)
    }
    const { text, theme, style } = storyteller.story(sample.index)
    expect({ text, theme, style }).toEqual({ text: sample.story, theme: sample.theme, style: sample.style })
    expect(hash.digest('hex')).toBe(sample.sha256)
  })

  test('survives the way through the bundle file', () => {
    expect(readGrammar(writeGrammar(grammar), 'grammar.json')).toEqual(grammar)
  })

  test('writes "an" before vowels, "a" before consonants, but for the words that sound otherwise', () => {
    const exceptions = new Set<string>()
    for (const text of stories(11, 3000)) {
      for (const [, article = '', word = ''] of text.toLowerCase().matchAll(/\b(an?) ([a-z]+)/g)) {
        if ((article === 'an') !== /^[aeiou]/.test(word)) exceptions.add(`${article} ${word}`)
      }
    }
    expect([...exceptions].sort()).toEqual(['an hour', 'an hourglass'])
  })

  test('names of the two genders differ', () => {
    expect(names('m').filter((name) => names('f').includes(name))).toEqual([])
  })

  test('speaks of characters of one gender with the pronouns of that gender only', () => {
    // Skeletons that write "he" or "her" themselves, of people who are not characters, say nothing about agreement.
    const silent = grammar.skeletons.filter(
      ({ body }) => !MALE.test(withoutSlots(body)) && !FEMALE.test(withoutSlots(body)),
    )
    const storyteller = createStoryteller({ ...grammar, skeletons: silent }, 5)
    const counts = { male: 0, female: 0, wrong: [] as string[] }
    for (let index = 0; index < 3000; index++) {
      const { text } = storyteller.story(index)
      const hasMen = names('m').some((name) => new RegExp(`\\b${capitalise(name)}\\b`).test(text))
      const hasWomen = names('f').some((name) => new RegExp(`\\b${capitalise(name)}\\b`).test(text))
      if (hasMen === hasWomen) continue
      counts[hasMen ? 'male' : 'female'] += (hasMen ? MALE : FEMALE).test(text) ? 1 : 0
      if ((hasMen ? FEMALE : MALE).test(text)) counts.wrong.push(text)
    }
    expect(counts.wrong).toEqual([])
    expect(silent).toHaveLength(149)
    expect(Math.min(counts.male, counts.female)).toBeGreaterThan(500)
  })
})
