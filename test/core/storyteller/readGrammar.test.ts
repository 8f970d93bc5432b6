import { describe, expect, test } from 'vitest'
import { readGrammar, writeGrammar } from '../../../core/storyteller/readGrammar.ts'

const grammar = {
  lexicon: [{ name: 'animal', words: [{ singular: 'cat', plural: 'cats' }] }],
  skeletons: [{ theme: 'pets', style: 'gentle', body: 'A {animal}.' }],
}
const read = (json: string) => readGrammar(json, 'grammar.json')
const readWith = (change: object) => read(JSON.stringify({ format: 1, ...grammar, ...change }))

describe('readGrammar', () => {
  test('reads back what writeGrammar writes', () => {
    expect(read(writeGrammar(grammar))).toEqual(grammar)
  })

  test('refuses text that is not JSON', () => {
    expect(() => read('{')).toThrow('grammar.json is not JSON')
  })

  test.each([
    ['another format', { format: 2 }, 'Invalid type: Expected 1 but received 2, at format'],
    ['no skeleton', { skeletons: [] }, 'Invalid length: Expected >=1 but received 0, at skeletons'],
    [
      'a category without words',
      { lexicon: [{ name: 'animal', words: [] }] },
      'Invalid length: Expected >=1 but received 0, at lexicon.0.words',
    ],
    [
      'a body longer than 20,000 characters',
      { skeletons: [{ ...grammar.skeletons[0], body: 'x'.repeat(20_001) }] },
      'Invalid length: Expected <=20000 but received 20001, at skeletons.0.body',
    ],
    [
      'a word longer than 100 characters',
      { lexicon: [{ name: 'animal', words: [{ singular: 'x'.repeat(101), plural: 'x' }] }] },
      'Invalid length: Expected <=100 but received 101, at lexicon.0.words.0.singular',
    ],
  ])('refuses %s', (_, change, finding) => {
    expect(() => readWith(change)).toThrow(`grammar.json: ${finding}`)
  })

  test('refuses a file of more than 16 million characters unread', () => {
    expect(() => read(' '.repeat(2 ** 24 + 1))).toThrow(
      'grammar.json has 16777217 characters, expected at most 16777216',
    )
  })
})
