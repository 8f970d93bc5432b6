import { describe, expect, test } from 'vitest'
import { parseLexicon } from '../../../core/storyteller/parseLexicon.ts'

const read = (text: string) => parseLexicon(text, 'lexicon.txt')

describe('parseLexicon', () => {
  test('reads a category a line, with the plural after a slash or an s', () => {
    expect(read('# comment\n\nanimal: cat, wolf/wolves\nadv.speed: slowly\n')).toEqual([
      {
        name: 'animal',
        words: [
          { singular: 'cat', plural: 'cats' },
          { singular: 'wolf', plural: 'wolves' },
        ],
      },
      { name: 'adv.speed', words: [{ singular: 'slowly', plural: 'slowlys' }] },
    ])
  })

  test('refuses a line without a colon', () => {
    expect(() => read('animal: cat\nwolf\n')).toThrow(
      '"wolf" has no colon, expected "category: word, word", in lexicon.txt, line 2',
    )
  })

  test('refuses a category that stands twice', () => {
    expect(() => read('animal: cat\nanimal: dog')).toThrow(
      'category "animal" stands twice, expected once, in lexicon.txt, line 2',
    )
  })

  test.each(['animal: cat,, dog', 'animal:', 'animal: wolf/', 'animal: a/b/c'])('refuses the words of "%s"', (line) => {
    expect(() => read(line)).toThrow(/^word ".*" has an empty or a third form, expected "word" or "word\/plural"/)
  })
})
